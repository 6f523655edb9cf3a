"""Two kinds of route. Both are declared as ordinary FastAPI endpoints, which makes the contract and Swagger UI.

StrictRoute refuses options that the endpoint does not have, and FastAPI does the rest.

BodyRoute serves from the body's bytes. FastAPI alone would parse JSON into Python objects, check those again, know no
CSV, keep the last of two equal keys and answer malformed JSON without line and column; and its dependency system
costs more than the score itself. So `handle` reads options, body, headers and path once and calls the endpoint with
(request, body, options, *headers, *path), as FastAPI would. It checks in this order: options, media type, headers,
path, size, records.
"""

import inspect
from collections.abc import AsyncIterator, Callable, Mapping
from functools import lru_cache, partial
from typing import Any, cast, get_type_hints

from fastapi.routing import APIRoute
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.types import ASGIApp, Receive, Scope, Send

from app.api.bodies.json_careful import read_json
from app.api.bodies.json_fast import read_plain
from app.api.bodies.reading import read_csv
from app.api.http.compression import is_packed, unpacked
from app.api.http.options import Headers, Options, named_once, read_headers, read_options, read_path
from app.errors import BodyTooLarge, InvalidOptions, UnsupportedMediaType

THREAD_BYTES = 32 * 1024
"""Bodies from this size on (about 300 records, half a millisecond) are read and scored off the event loop; so are all
whose scores are explained.
"""

Read = Callable[[bytes], Any]
"""From a body's bytes to what the endpoint takes."""

JSON = "application/json"
CSV = "text/csv"
_READABLE_PARAMETERS = {"", "charset=utf-8", "charset=us-ascii", "header=present"}


class StrictRoute(APIRoute):
    """A FastAPI route that refuses unknown and repeated query parameters."""

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request. Raises InvalidOptions."""
        if scope["query_string"] and scope["method"] in (self.methods or ()):
            named_once(scope, [field.alias for field in self.dependant.query_params])
        await super().handle(scope, receive, send)


class BodyRoute(APIRoute):
    """A route of an endpoint (request, body, options) -> Response, served from bytes."""

    def __init__(self, path: str, endpoint: Any, **declared: Any) -> None:
        super().__init__(path, endpoint, **declared)
        hints = get_type_hints(endpoint, include_extras=True)
        self.path_kinds = {field.name: hints[field.name] for field in self.dependant.path_params}
        hints = get_type_hints(endpoint)
        self.body_kind: Any = hints["body"]
        self.options_kind: type[Options] = hints["options"]
        self.columns: tuple[str, ...] = getattr(self.body_kind, "columns", ())
        self.headers_kind: type[Headers] | None = hints.get("headers")
        self.waits = inspect.iscoroutinefunction(endpoint)

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request. Raises every Problem that reading or the endpoint can have."""
        if scope["method"] not in (self.methods or ()):
            await super().handle(scope, receive, send)
            return
        options = read_options(scope, self.options_kind)
        content_type, content_length, content_encoding = _content(scope)
        media_type = self._media_type(content_type, options)
        packed = is_packed(content_encoding)
        headers = (read_headers(scope, self.headers_kind),) if self.headers_kind else ()
        path = read_path(scope, self.path_kinds) if self.path_kinds else ()
        limit = scope["app"].state.settings.max_body_bytes
        body = received(receive, content_length, limit)
        if packed:
            body = _unpacked(body, limit)
        read = self._reader(media_type, options, *headers)
        answer = await self._answered(Request(scope), body, read, (options, *headers, *path))
        await answer(scope, receive, send)

    async def _answered(
        self, request: Request, body: AsyncIterator[bytes], read: Read, arguments: tuple[Any, ...]
    ) -> ASGIApp:
        return await self._answered_here(request, b"".join([piece async for piece in body]), read, arguments)

    async def _answered_here(self, request: Request, data: bytes, read: Read, arguments: tuple[Any, ...]) -> ASGIApp:
        takes_long = self._takes_long(data, *arguments)
        if self.waits:
            request.scope["body"] = data
        begin = partial(self._begin, request, data, read, arguments)
        answer = await run_in_threadpool(begin) if takes_long else begin()
        if self.waits:
            del data, begin  # they are the endpoint's, which may wait long
            answer = await answer
        return cast("ASGIApp", answer)

    def _begin(self, request: Request, data: bytes, read: Read, arguments: tuple[Any, ...]) -> Any:
        """The response; of an endpoint that waits, its coroutine."""
        return self.endpoint(request, read(data), *arguments)

    def _takes_long(self, data: bytes, options: Options, *_arguments: Any) -> bool:
        """Whether to read and answer it off the event loop."""
        return options.take_long or len(data) >= THREAD_BYTES

    def _media_type(self, content_type: bytes, options: Options) -> str:
        media_type = readable_media_type(content_type)
        if media_type is None or (media_type == CSV and not self.columns):
            readable = f"{JSON} or {CSV}" if self.columns else JSON
            raise UnsupportedMediaType(f"The Content-Type should be {readable}, in UTF-8.")
        if media_type == JSON and getattr(options, "column_names", None):
            raise InvalidOptions("column.… names the columns of a CSV body; this body is JSON.")
        return media_type

    def _reader(self, media_type: str, options: Any, *_headers: Any) -> Read:
        """The function that makes `body_kind` of the body's bytes; it can be pickled."""
        if media_type == CSV:
            return partial(_read_csv, self.body_kind, options.column_names)
        return partial(_read_records if self.columns else read_json, self.body_kind)


def _read_csv(kind: Any, names: Mapping[str, str], data: bytes) -> Any:
    return kind.from_columns(*read_csv(data, kind.columns, names))


def _read_records(kind: Any, data: bytes) -> Any:
    if plain := read_plain(data, kind.columns):
        return kind.from_columns(*plain)
    return kind.from_body(read_json(kind.body, data))


def _content(scope: Scope) -> tuple[bytes, bytes, bytes]:
    """Content-Type, Content-Length and Content-Encoding, in one pass over the headers."""
    content_type, content_length, content_encoding = b"", b"", b""
    for name, value in scope["headers"]:
        if name == b"content-type":
            content_type = value
        elif name == b"content-length":
            content_length = value
        elif name == b"content-encoding":
            content_encoding = value
    return content_type, content_length, content_encoding


@lru_cache
def readable_media_type(content_type: bytes) -> str | None:
    """JSON or CSV in UTF-8, as a Content-Type names them; None for everything else."""
    media_type, *parameters = [part.strip() for part in content_type.decode("latin-1").lower().split(";")]
    readable = media_type in (JSON, CSV) and {part.replace('"', "") for part in parameters} <= _READABLE_PARAMETERS
    return media_type if readable else None


async def received(receive: Receive, content_length: bytes, limit: int) -> AsyncIterator[bytes]:
    """The body, as it comes. Raises BodyTooLarge as soon as it is known to be, and ClientDisconnect."""
    if content_length.isdigit() and int(content_length[:19]) > limit:  # int refuses more than 4,300 digits
        raise BodyTooLarge(f"The body has more than {limit} bytes.")
    size, more = 0, True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        piece: bytes = message.get("body", b"")
        size += len(piece)
        if size > limit:
            raise BodyTooLarge(f"The body has more than {limit} bytes.")
        yield piece
        more = message.get("more_body", False)


async def _unpacked(body: AsyncIterator[bytes], limit: int) -> AsyncIterator[bytes]:
    """The same body, unpacked. It is one piece."""
    yield await run_in_threadpool(unpacked, b"".join([piece async for piece in body]), limit)

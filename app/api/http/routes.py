"""Two kinds of route. Both are declared as ordinary FastAPI endpoints, which makes the contract and Swagger UI.

StrictRoute refuses options that the endpoint does not have, and FastAPI does the rest.

BodyRoute serves from the body's bytes. FastAPI alone would parse JSON into Python objects, check those again, know no
CSV, keep the last of two equal keys and answer malformed JSON without line and column. Its dependency system costs more
than the score itself. So `handle` reads options, body, headers and path once and calls the endpoint with
(request, received, options, *headers, *path). It checks in this order: options, media type, headers, path, size,
records.
"""

import inspect
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from functools import partial
from typing import Annotated, Any, Generic, TypeVar, cast, get_args, get_type_hints

from fastapi import Body as InBody
from fastapi.routing import APIRoute
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from app.api.bodies.examples import as_csv
from app.api.bodies.kinds import Body, JsonBody, Table
from app.api.bodies.reading import read_json
from app.api.http.compression import is_packed
from app.api.http.options import Headers, Options, named_once, read_headers, read_options, read_path
from app.api.http.receiving import CSV, JSON, content_of, readable_media_type, received, unpacked_pieces
from app.api.http.state import state_of
from app.errors import InvalidOptions, UnsupportedMediaType

THREAD_BYTES = 32 * 1024
"""Bodies from this size on (about 300 records, half a millisecond) are read and scored off the event loop; so are all
whose scores are explained.
"""

CSV_FILE = {
    "type": "string",
    "description": "A CSV file with a header row. Its columns have the names of the fields, or those that `column.…` "
    "gives.",
}
"""What a CSV body is, as the contract declares it."""

Read = Callable[[bytes], Any]
"""From a body's bytes to what the endpoint takes. It can be pickled."""

Kind = TypeVar("Kind")


@dataclass(slots=True)
class Received(Generic[Kind]):
    """A body, as it came and as it was read."""

    data: bytes
    content: Kind


class StrictRoute(APIRoute):
    """A FastAPI route that refuses unknown and repeated query parameters."""

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request. Raises InvalidOptions."""
        if scope["query_string"] and scope["method"] in (self.methods or ()):
            named_once(scope, [field.alias for field in self.dependant.query_params])
        await super().handle(scope, receive, send)


class BodyRoute(APIRoute):
    """A route of an endpoint (request, Received[kind], options, …) -> Response, served from bytes."""

    def __init__(self, path: str, endpoint: Any, **declared: Any) -> None:
        """Raises TypeError for dependencies, which such a route would not heed."""
        hints = get_type_hints(endpoint)
        self.kind: type[Body] = self._kind_of(hints)
        self.options_kind: type[Options] = hints["options"]
        self.headers_kind: type[Headers] | None = hints.get("headers")
        self.waits = inspect.iscoroutinefunction(endpoint)
        if issubclass(self.kind, Table):
            in_csv = {CSV: {"schema": CSV_FILE, "example": as_csv(self.kind.example)}}
            declared["openapi_extra"] = {"requestBody": {"content": in_csv}}
        super().__init__(path, _declared(endpoint, self.kind), **declared)
        self.serve = endpoint
        if self.dependencies or self.dependant.dependencies:
            raise TypeError(
                f"{path} is answered before FastAPI looks at dependencies. What has to hold for it belongs into the "
                "front door, in app/service.py."
            )
        hints = get_type_hints(endpoint, include_extras=True)
        self.path_kinds = {field.name: hints[field.name] for field in self.dependant.path_params}

    @staticmethod
    def _kind_of(hints: dict[str, Any]) -> type[Body]:
        """What the endpoint takes: the kind in its Received[kind]."""
        (kind,) = get_args(hints["body"])
        return cast("type[Body]", kind)

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request. Raises every Problem that reading or the endpoint can have."""
        if scope["method"] not in (self.methods or ()):
            await super().handle(scope, receive, send)
            return
        options = read_options(scope, self.options_kind)
        content_type, content_length, content_encoding = content_of(scope)
        media_type = self._media_type(content_type, options)
        packed = is_packed(content_encoding)
        headers = (read_headers(scope, self.headers_kind),) if self.headers_kind else ()
        path = read_path(scope, self.path_kinds) if self.path_kinds else ()
        limit = state_of(scope).settings.max_body_bytes
        body = received(receive, content_length, limit)
        if packed:
            body = unpacked_pieces(body, limit)
        read = self._reader(media_type, options, *headers)
        answer = await self._answered(Request(scope), body, read, (options, *headers, *path))
        await answer(scope, receive, send)

    async def _answered(
        self, request: Request, body: AsyncIterator[bytes], read: Read, arguments: tuple[Any, ...]
    ) -> ASGIApp:
        return await self._answered_here(request, b"".join([piece async for piece in body]), read, arguments)

    async def _answered_here(self, request: Request, data: bytes, read: Read, arguments: tuple[Any, ...]) -> ASGIApp:
        begin = partial(self._begin, request, data, read, arguments)
        answer = await run_in_threadpool(begin) if self._takes_long(data, *arguments) else begin()
        if self.waits:
            del data, begin  # they are the endpoint's, which may wait long
            answer = await answer
        return cast("ASGIApp", answer)

    def _begin(self, request: Request, data: bytes, read: Read, arguments: tuple[Any, ...]) -> Any:
        """The response; of an endpoint that waits, its coroutine."""
        return self.serve(request, Received(data, read(data)), *arguments)

    def _takes_long(self, data: bytes, options: Options, *_arguments: Any) -> bool:
        """Whether to read and answer it off the event loop."""
        return options.take_long or len(data) >= THREAD_BYTES

    def _media_type(self, content_type: bytes, options: Options) -> str:
        media_type, takes_csv = readable_media_type(content_type), issubclass(self.kind, Table)
        if media_type is None or (media_type == CSV and not takes_csv):
            readable = f"{JSON} or {CSV}" if takes_csv else JSON
            raise UnsupportedMediaType(f"The Content-Type should be {readable}, in UTF-8.")
        if media_type == JSON and options.column_names:
            raise InvalidOptions("column.… names the columns of a CSV body; this body is JSON.")
        return media_type

    def _reader(self, media_type: str, options: Options, *_headers: Any) -> Read:
        if media_type == CSV and issubclass(self.kind, Table):
            return partial(self.kind.from_csv, options.column_names)
        return partial(read_json, cast("type[JsonBody]", self.kind))


def _declared(endpoint: Any, kind: type[Body]) -> Any:
    """The endpoint as FastAPI is to declare it: its body is the JSON object of that kind."""

    def declared() -> None: ...

    hints = get_type_hints(endpoint, include_extras=True)
    del hints["return"]
    hints["body"] = Annotated[kind.declared or kind.body, InBody(examples=[kind.example])]
    declared.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
        [inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, annotation=hint) for name, hint in hints.items()]
    )
    declared.__name__, declared.__doc__ = endpoint.__name__, endpoint.__doc__
    return declared

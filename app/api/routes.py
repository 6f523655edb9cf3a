"""Two kinds of route. Both are declared as ordinary FastAPI endpoints, which makes the contract and Swagger UI.

StrictRoute refuses options that the endpoint does not have, and FastAPI does the rest.

BodyRoute serves from the body's bytes. FastAPI alone would parse JSON into Python objects, check those again, know no
CSV, keep the last of two equal keys and answer malformed JSON without line and column; and its dependency system
costs more than the score itself. So `handle` reads options and body once and calls the endpoint with
(request, body, options), as FastAPI would. It checks in this order: options, media type, size, records.
"""

import inspect
from typing import Any, get_type_hints

from fastapi.routing import APIRoute
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.types import Receive, Scope, Send

from app.api.csv_body import read_csv
from app.api.json_body import read_json
from app.api.options import Options, named_once, read_options
from app.errors import BodyTooLarge, InvalidOptions, UnsupportedMediaType

LARGE_BODY_BYTES = 32 * 1024
"""Bodies from this size on (about 300 records, half a millisecond) are read and scored off the event loop."""

JSON = "application/json"
CSV = "text/csv"


class StrictRoute(APIRoute):
    """A FastAPI route that refuses unknown and repeated query parameters."""

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request. Raises InvalidOptions."""
        if scope["query_string"] and scope["method"] in self.methods:
            named_once(scope, [field.alias for field in self.dependant.query_params])
        await super().handle(scope, receive, send)


class BodyRoute(APIRoute):
    """A route of an endpoint (request, body, options) -> Response, served from bytes."""

    def __init__(self, path: str, endpoint: Any, **declared: Any) -> None:
        super().__init__(path, endpoint, **declared)
        hints = get_type_hints(endpoint)
        self.body_kind: Any = hints["body"]
        self.options_kind: type[Options] = hints["options"]
        self.columns: tuple[str, ...] = getattr(self.body_kind, "columns", ())
        self.waits = inspect.iscoroutinefunction(endpoint)

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request. Raises every Problem that reading or the endpoint can have."""
        if scope["method"] not in self.methods:
            await super().handle(scope, receive, send)
            return
        request = Request(scope, receive)
        options = read_options(scope, self.options_kind)
        media_type = self._media_type(request, options)
        data = await read_bytes(request)
        large = len(data) >= LARGE_BODY_BYTES
        if large:
            body = await run_in_threadpool(self._read, data, media_type, options)
        else:
            body = self._read(data, media_type, options)
        if self.waits:
            response = await self.endpoint(request, body, options)
        elif large:
            response = await run_in_threadpool(self.endpoint, request, body, options)
        else:
            response = self.endpoint(request, body, options)
        await response(scope, receive, send)

    def _media_type(self, request: Request, options: Options) -> str:
        content_type = request.headers.get("content-type", "")
        media_type, _, parameters = content_type.partition(";")
        media_type = media_type.strip().lower()
        charset = parameters.strip().lower().removeprefix("charset=").strip('"')
        readable = (JSON, CSV) if self.columns else (JSON,)
        if media_type not in readable or charset not in ("", "utf-8", "us-ascii"):
            raise UnsupportedMediaType(f"The Content-Type should be {' or '.join(readable)}, in UTF-8.")
        if media_type == JSON and getattr(options, "column_names", None):
            raise InvalidOptions("column.… names the columns of a CSV body; this body is JSON.")
        return media_type

    def _read(self, data: bytes, media_type: str, options: Any) -> Any:
        if media_type == CSV:
            return self.body_kind.from_columns(*read_csv(data, self.columns, options.column_names))
        if not self.columns:
            return read_json(data, self.body_kind)
        return self.body_kind.from_body(read_json(data, self.body_kind.body))


async def read_bytes(request: Request) -> bytes:
    """The whole body. Raises BodyTooLarge as soon as it is known to be."""
    limit: int = request.app.state.settings.max_body_bytes
    length = request.headers.get("content-length", "0")
    if length.isdecimal() and int(length) > limit:
        raise _too_large(limit)
    chunks, size = [], 0
    while True:
        message = await request.receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        chunk = message.get("body", b"")
        size += len(chunk)
        if size > limit:
            raise _too_large(limit)
        chunks.append(chunk)
        if not message.get("more_body", False):
            return chunks[0] if len(chunks) == 1 else b"".join(chunks)


def _too_large(limit: int) -> BodyTooLarge:
    return BodyTooLarge(f"The body has more than {limit} bytes.")



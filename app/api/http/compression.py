"""gzip (RFC 1952). Bodies that come compressed are unpacked to no more than the service accepts: a few kilobytes can
unpack to gigabytes. Answers go out compressed to whoever wants that.
"""

import zlib
from typing import Any

from isal import isal_zlib
from starlette.middleware.gzip import GZipMiddleware, GZipResponder, IdentityResponder
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from app.api.http.negotiation import accepts_gzip
from app.errors import BodyTooLarge, InvalidRecords, JsonFault, UnsupportedMediaType

_LEVEL = 1
"""Of ISA-L's 0 to 3. 2 and 3 take longer (explained JSON 1.1 and 2.4 times as long) for at most 4 % fewer bytes; 0
takes no less time, and up to a third more bytes.
"""
_SMALLEST = 1024
"""Bytes of an answer from which on compressing it pays."""
_EVENTS = "text/event-stream"
"""Each event is to be seen when it happens, and not when there are enough of them to compress."""

_AS_THEY_ARE = (b"", b"identity")
_GZIP = (b"gzip", b"x-gzip")
_LARGE = 64 * 1024
_WITH_GZIP_HEADER = zlib.MAX_WBITS | 16


def is_packed(content_encoding: bytes) -> bool:
    """Whether a body has to be unpacked. Raises UnsupportedMediaType when it cannot be (RFC 9110, section 8.4)."""
    encoding = content_encoding.strip().lower()
    if encoding not in _AS_THEY_ARE + _GZIP:
        raise UnsupportedMediaType("The Content-Encoding should be gzip, or none.", {"Accept-Encoding": "gzip"})
    return encoding in _GZIP


def unpacked(body: bytes, limit: int) -> bytes:
    """The body of a gzip file of one or more members. Raises BodyTooLarge as soon as it is, and InvalidRecords."""
    parts, size = [], 0
    while body:
        member = zlib.decompressobj(_WITH_GZIP_HEADER)
        try:
            parts.append(member.decompress(body, limit - size + 1))
        except zlib.error:
            raise _broken() from None
        size += len(parts[-1])
        if size > limit:
            raise BodyTooLarge(f"The body has more than {limit} bytes when it is unpacked.")
        if not member.eof:
            raise _broken()
        body = member.unused_data
    return b"".join(parts)


def wants_packed(scope: Scope) -> bool:
    """Whether the caller of a request takes its answer in gzip."""
    values = [value.decode("latin-1") for name, value in scope["headers"] if name == b"accept-encoding"]
    return accepts_gzip(",".join(values))


def packed(answer: Response) -> Response:
    """The same answer in gzip, the same bytes for the same answer; a small one as it is."""
    if len(answer.body) < _SMALLEST:
        return answer
    headers = dict(answer.headers) | {"Content-Encoding": "gzip", "Vary": "Accept-Encoding"}
    del headers["content-length"]
    compressor = _compressor()
    return Response(compressor.compress(answer.body) + compressor.flush(), answer.status_code, headers)


class PackedAnswers(GZipMiddleware):
    """Starlette's middleware, with two differences. It compresses for who wants gzip, where Starlette's does so for who
    writes the word, `gzip;q=0` included; and with ISA-L.
    """

    def __init__(self, app: ASGIApp) -> None:
        super().__init__(app, minimum_size=_SMALLEST, exclude_content_types=(_EVENTS,))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        kind = _Packing if wants_packed(scope) else IdentityResponder
        responder = kind(self.app, self.minimum_size, exclude_content_types=self.exclude_content_types)
        await responder(scope, receive, send)


class _Packing(GZipResponder):
    @property
    def compressor(self) -> Any:
        if self._compressor is None:
            self._compressor = _compressor()
        return self._compressor


def _compressor() -> Any:
    """One of zlib's compression objects, made by ISA-L. It writes no time into its header."""
    return isal_zlib.compressobj(_LEVEL, zlib.DEFLATED, _WITH_GZIP_HEADER)


class LargeAnswer(Response):
    """An answer whose body may be a memoryview of megabytes. It is sent as the second part of two, after an empty one.

    Starlette's middleware asks of a body in one part whether it is the same as before compression, and Python compares
    memoryviews byte by byte, also with themselves: 1 ms a megabyte.
    """

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it."""
        if len(self.body) < _LARGE:
            await super().__call__(scope, receive, send)
            return
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        await send({"type": "http.response.body", "body": b"", "more_body": True})
        await send({"type": "http.response.body", "body": self.body})


def _broken() -> InvalidRecords:
    return InvalidRecords([JsonFault("", "The body is no whole gzip file")])

"""gzip (RFC 1952). Bodies that come compressed are unpacked to no more than the service accepts: a few kilobytes can
unpack to gigabytes.
"""

import gzip
import zlib

from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from app.errors import BodyTooLarge, InvalidRecords, JsonFault, UnsupportedMediaType

COMPRESSION_LEVEL = 4
"""Of answers: a third of the time that level 6 takes, and 3 % more bytes."""

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
    """Whether the caller takes answers in gzip, as Starlette's GZipMiddleware sees it."""
    return "gzip" in Headers(scope=scope).get("accept-encoding", "")


def packed(answer: Response) -> Response:
    """The same answer in gzip; the same bytes for the same answer."""
    headers = dict(answer.headers) | {"Content-Encoding": "gzip", "Vary": "Accept-Encoding"}
    del headers["content-length"]
    return Response(gzip.compress(answer.body, COMPRESSION_LEVEL, mtime=0), answer.status_code, headers)


class LargeAnswer(Response):
    """An answer whose body may be a memoryview of megabytes. It is sent as the second part of two, after an empty one.

    GZipMiddleware asks of a body in one part whether it is the same as before compression, and Python compares
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

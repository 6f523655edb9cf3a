"""A body as it comes: what its headers say of it, and its pieces up to the size that is accepted."""

from collections.abc import AsyncIterator
from functools import lru_cache

from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect
from starlette.types import Receive, Scope

from app.api.http.compression import unpacked
from app.errors import BodyTooLarge

JSON = "application/json"
CSV = "text/csv"
_READABLE_PARAMETERS = {"", "charset=utf-8", "charset=us-ascii", "header=present"}


def content_of(scope: Scope) -> tuple[bytes, bytes, bytes]:
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


async def unpacked_pieces(body: AsyncIterator[bytes], limit: int) -> AsyncIterator[bytes]:
    """The same body, unpacked. It is one piece."""
    yield await run_in_threadpool(unpacked, b"".join([piece async for piece in body]), limit)

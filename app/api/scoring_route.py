"""The route of endpoints that score. Small bodies are answered here, large ones in a process of their own.

Such an endpoint returns not the answer but a function from the records to the answer: then it does not matter in which
process the records are.
"""

from collections.abc import AsyncIterator
from functools import partial
from typing import Any

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import Response

from app.api.routes import BodyRoute, Read

BATCH_BYTES = 1024 * 1024
"""Bodies from this size on (some 13,000 records, 5 ms) go to batches.py, which costs them some 5 ms more."""


class ScoringRoute(BodyRoute):
    """A route of an endpoint (request, body, options, …) -> function of the records. The body given to it is None."""

    async def _answered(
        self, request: Request, body: AsyncIterator[bytes], read: Read, arguments: tuple[Any, ...]
    ) -> Response:
        begun, size = [], 0
        async for piece in body:
            begun.append(piece)
            size += len(piece)
            if size >= BATCH_BYTES:
                respond = partial(self.endpoint, request, None, *arguments)
                packs = "gzip" in Headers(scope=request.scope).get("accept-encoding", "")
                answer: Response = await request.app.state.batches.answer(_resumed(begun, body), read, respond, packs)
                return answer
        return await self._answered_here(request, b"".join(begun), read, arguments)

    def _begin(self, request: Request, data: bytes, read: Read, arguments: tuple[Any, ...]) -> Any:
        records = read(data)
        return self.endpoint(request, None, *arguments)(records)


async def _resumed(begun: list[bytes], body: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """All pieces of a body, also those that were taken from it already."""
    for piece in begun:
        yield piece
    begun.clear()
    async for piece in body:
        yield piece

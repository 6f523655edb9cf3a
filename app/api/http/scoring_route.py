"""The route of endpoints that score. Small bodies are answered here, large ones in a process of their own.

Such an endpoint returns not the answer but a function from the records to the answer: then it does not matter in which
process the records are.
"""

from collections.abc import AsyncIterator
from functools import partial
from typing import Any

from starlette.requests import Request
from starlette.types import ASGIApp

from app.api.http.batches import Batches
from app.api.http.compression import wants_packed
from app.api.http.routes import BodyRoute, Read

PROCESS_BYTES = 1024 * 1024
"""Bodies from this size on (some 13,000 records, 5 ms) go to batches.py, which costs them some 5 ms more."""


class ScoringRoute(BodyRoute):
    """A route of an endpoint (request, None, options, …) -> (records -> answer). What happens to a body, here or there:

    records = read(body);  respond = endpoint(request, None, options, …);  answer = respond(records)
    """

    async def _answered(
        self, request: Request, body: AsyncIterator[bytes], read: Read, arguments: tuple[Any, ...]
    ) -> ASGIApp:
        begun, size = [], 0
        async for piece in body:
            begun.append(piece)
            size += len(piece)
            del piece  # or it stays until the answer is there
            if size >= PROCESS_BYTES:
                batches: Batches = request.app.state.batches
                responder = partial(self.endpoint, request, None, *arguments)
                return await batches.answer(_resumed(begun, body), read, responder, wants_packed(request.scope))
        return await self._answered_here(request, b"".join(begun), read, arguments)

    def _begin(self, request: Request, data: bytes, read: Read, arguments: tuple[Any, ...]) -> Any:
        records = read(data)
        return self.endpoint(request, None, *arguments)(records)


async def _resumed(begun: list[bytes], body: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """All pieces of a body, also those that were taken from it already. None is kept."""
    begun.reverse()
    while begun:
        yield begun.pop()
    async for piece in body:
        yield piece

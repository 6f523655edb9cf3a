"""The route of endpoints that score. Small bodies are answered here, large ones in a process of their own.

Such an endpoint returns not the answer but a function from the records to the answer. Then it does not matter in which
process the records are.
"""

from collections.abc import AsyncIterator, Callable
from functools import partial
from typing import Any, TypeAlias, TypeVar, cast, get_args

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp

from app.api.bodies.kinds import Body
from app.api.http.compression import wants_packed
from app.api.http.routes import BodyRoute, Read
from app.api.http.state import state_of

PROCESS_BYTES = 1024 * 1024
"""Bodies from this size on (some 13,000 records, 5 ms) go to batches.py, which costs them some 5 ms more."""

Kind = TypeVar("Kind")
Answering: TypeAlias = Callable[[Kind], Response]
"""From records of a kind to the answer. It is pickled: a function of a module that batch_process.py imports."""


class ScoringRoute(BodyRoute):
    """A route of an endpoint (request, options, …) -> Answering[kind]. What happens to a body, here or there:

    records = read(body);  answering = endpoint(request, options, …);  answer = answering(records)
    """

    @staticmethod
    def _kind_of(hints: dict[str, Any]) -> type[Body]:
        """What the endpoint's answer is made of: the kind in its Answering[kind]."""
        (kind,), _ = get_args(hints["return"])
        return cast("type[Body]", kind)

    async def _answered(
        self, request: Request, body: AsyncIterator[bytes], read: Read, arguments: tuple[Any, ...]
    ) -> ASGIApp:
        begun, size = [], 0
        async for piece in body:
            begun.append(piece)
            size += len(piece)
            del piece  # or it stays until the answer is there
            if size >= PROCESS_BYTES:
                answering = partial(self.serve, request, *arguments)
                batches = state_of(request.scope).batches
                return await batches.answer(_resumed(begun, body), read, answering, wants_packed(request.scope))
        return await self._answered_here(request, b"".join(begun), read, arguments)

    def _begin(self, request: Request, data: bytes, read: Read, arguments: tuple[Any, ...]) -> Any:
        records = read(data)
        return self.serve(request, *arguments)(records)


async def _resumed(begun: list[bytes], body: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """All pieces of a body, also those that were taken from it already. None is kept."""
    begun.reverse()
    while begun:
        yield begun.pop()
    async for piece in body:
        yield piece

"""One attempt at a training: from the claim to the move that ends it."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from time import monotonic

from structlog.typing import FilteringBoundLogger

from app.errors import (
    InternalError,
    InvalidOptions,
    Problem,
    StoreUnavailable,
    TrainingDataUnusable,
    TrainingFailed,
    place_of,
)
from app.network.progress import Progress
from app.network.training_set import UnusableData
from app.trainings.claims import Claim, Claims
from app.trainings.result import Result
from app.trainings.runner import NotStarted, run
from app.trainings.states import ENDS, State
from app.trainings.threads import Threads

SIGNS_A_LEASE = 4
"""Signs of life that may come within a lease: one or two may be late on a busy machine."""
WATCH_SECONDS = 0.25
"""How often it is asked whether the training was cancelled, and its progress is written down."""
RETRY_SECONDS = 0.5


class Attempt:
    """Runs what was claimed, gives signs of life meanwhile, and writes down what came of it.

    Cancelled, it hands the training back to the queue.
    """

    def __init__(
        self,
        claims: Claims,
        claim: Claim,
        log: FilteringBoundLogger,
        *,
        threads: Threads,
        lease_seconds: float,
        ended: Callable[[State], None],
    ) -> None:
        self._claims = claims
        self._claim = claim
        self._log = log.bind(training=claim.training_id, attempt=claim.attempt)
        self._threads = threads
        self._sign_seconds = lease_seconds / SIGNS_A_LEASE
        self._ended = ended
        self._progress: Progress | None = None

    async def make(self) -> None:
        """The whole attempt. Whatever goes wrong in it, no process of it goes on, and the lease frees the training."""
        began = monotonic()
        fitting = asyncio.create_task(run(self._claim.job, self._tell))
        try:
            self._log.info("training began")
            if await self._watch(fitting):
                await self._conclude(fitting, monotonic() - began)
            else:
                self._log.info("training taken away")
        except asyncio.CancelledError:
            await _kill(fitting)
            await self._hand_back()
        except Exception as mistake:
            self._log.error("mistake", **place_of(mistake))
        finally:
            await _kill(fitting)

    async def _hand_back(self) -> None:
        if await self._threads(self._claims.hand_back, self._claim):
            self._log.info("training handed back")

    def _tell(self, progress: Progress) -> None:
        self._progress = progress

    async def _watch(self, fitting: asyncio.Task[Result]) -> bool:
        """Wait until the fit is done; False when the claim is lost before."""
        signed = monotonic()
        while not (await asyncio.wait([fitting], timeout=WATCH_SECONDS))[0]:
            progress, self._progress = self._progress, None
            try:
                if progress is not None or monotonic() - signed >= self._sign_seconds:
                    held = await self._threads(self._claims.renew, self._claim, progress)
                    signed = monotonic()
                else:
                    held = await self._threads(self._claims.holds, self._claim)
            except StoreUnavailable:  # it may come back before the claim is lost
                continue
            if not held:
                return False
        return True

    async def _conclude(self, fitting: asyncio.Task[Result], seconds: float) -> None:
        """Write down what came of it, however long the database is away: it is work that was done."""
        if isinstance(fitting.exception(), NotStarted):
            self._log.warning("training process cannot be started", reason=str(fitting.exception()))
            await asyncio.sleep(RETRY_SECONDS)
            await self._hand_back()
            return
        while True:
            try:
                state = await self._threads(self._move, fitting, seconds)
                break
            except StoreUnavailable:
                self._log.warning("training cannot be stored yet")
                await asyncio.sleep(RETRY_SECONDS)
        self._log.info("training attempt over", state=state)
        if state in ENDS:
            self._ended(state)

    def _move(self, fitting: asyncio.Task[Result], seconds: float) -> State | None:
        """The move that the fit leads to; None when the claim is lost. Raises StoreUnavailable."""
        try:
            result = _usable(fitting)
        except TrainingFailed as how:
            return self._claims.died(self._claim, how)
        except Problem as problem:
            held = self._claims.fail(self._claim, problem)
        except Exception as mistake:
            self._log.error("mistake", **place_of(mistake))
            held = self._claims.fail(self._claim, InternalError("The service made a mistake."))
        else:
            held = self._claims.succeed(self._claim, result, self._progress, seconds)
            return State.SUCCEEDED if held else None
        return State.FAILED if held else None


async def _kill(fitting: asyncio.Task[Result]) -> None:
    fitting.cancel()
    with suppress(asyncio.CancelledError, Exception):
        await fitting


def _usable(fitting: asyncio.Task[Result]) -> Result:
    """The result of a fit that is done. Raises the problem that it led to."""
    try:
        result = fitting.result()
    except UnusableData as error:
        raise TrainingDataUnusable(f"These records cannot be trained on: {error}.") from error
    if result.fitted.outcome == "not_finite":
        raise InvalidOptions("learning_rate: the training left the finite numbers; a smaller one keeps it there.")
    return result

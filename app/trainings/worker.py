"""Claims trainings from the queue and runs them, as long as the service process lives.

Every worker process of every replica has one. What the database promises (see queue.py) does not depend on it: it may
be killed at any moment, and another one goes on.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from time import monotonic

from structlog.typing import FilteringBoundLogger

from app.errors import StoreUnavailable, place_of
from app.trainings.attempt import Attempt
from app.trainings.claims import Claims
from app.trainings.states import ENDS, State
from app.trainings.threads import Threads
from app.trainings.training import Training

POLL_SECONDS = 0.5
"""How often the queue is asked for work of other processes, and for trainings whose process is gone."""

ASK_SECONDS = 0.25
"""How often the database is asked whether a training has ended; an end in this process is known at once."""
PRUNE_SECONDS = 60.0
"""How often progress that nobody follows any more is deleted."""


class Worker:
    """The trainings that this process runs. Made and used on the event loop.

    lease_seconds    for how long the queue believes a claim without a sign of life
    grace_seconds    for how long it may go on once the service is asked to stop
    ended            is told the end of each
    """

    def __init__(
        self,
        claims: Claims,
        log: FilteringBoundLogger,
        *,
        lease_seconds: float,
        grace_seconds: float,
        ended: Callable[[State], None],
    ) -> None:
        self._claims = claims
        self._log = log
        self._lease_seconds = lease_seconds
        self._grace_seconds = grace_seconds
        self._ended = ended
        self._threads = Threads()
        self._recovers_from = self._prunes_from = 0.0
        self._running: set[asyncio.Task[None]] = set()
        self._work, self._news = asyncio.Event(), asyncio.Event()
        self.stopping = asyncio.Event()
        self._claiming = asyncio.create_task(self._claim())
        self._leaving = asyncio.create_task(self._leave())

    def wake(self) -> None:
        """There is something in the queue."""
        self._work.set()

    async def _news_within(self, within_seconds: float) -> None:
        """Return when an attempt of this process is over, at the latest after so many seconds."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._news.wait(), within_seconds)

    async def outcome(self, training: Training, within_seconds: float) -> Training:
        """A training when it has ended, in this process or in any other. As it stands, when it has not within so many
        seconds, or when the service is asked to stop before it has begun.
        """
        until = monotonic() + within_seconds
        while not training.ended and (left := until - monotonic()) > 0:
            if self.stopping.is_set() and training.state == State.QUEUED:
                break
            await self._news_within(min(ASK_SECONDS, left))
            with suppress(StoreUnavailable):  # away for a moment: the training is safe in it
                training = await asyncio.to_thread(self._claims.training, training.id)
        return training

    def stop(self) -> None:
        """Claim nothing more; running trainings have their grace. Returns at once."""
        self.stopping.set()
        self._work.set()

    async def stopped(self) -> None:
        """Stop, and return when nothing runs here any more."""
        self.stop()
        await self._leaving

    async def _claim(self) -> None:
        while not self.stopping.is_set():
            self._work.clear()
            try:
                await self._take_all()
                await self._threads(self._claims.wipe)
                await self._prune()
            except StoreUnavailable:
                # The next round tries again. When it is back every lease may be over, though nobody has died: who
                # holds one has as long as a lease to say so.
                self._recovers_from = monotonic() + self._lease_seconds
            except Exception as error:  # whatever it is, the other trainings must not wait for ever
                self._log.error("mistake", **place_of(error))
            with suppress(TimeoutError):
                await asyncio.wait_for(self._work.wait(), POLL_SECONDS)

    async def _prune(self) -> None:
        if monotonic() >= self._prunes_from:
            self._prunes_from = monotonic() + PRUNE_SECONDS
            await self._threads(self._claims.prune)

    async def _take_all(self) -> None:
        if monotonic() >= self._recovers_from:
            for state in await self._threads(self._claims.recover):
                self._log.warning("training of a process that is gone", state=state)
                if state in ENDS:
                    self._ended(state)
        while not self.stopping.is_set() and (claim := await self._threads(self._claims.claim)):
            attempt = Attempt(
                self._claims,
                claim,
                self._log,
                threads=self._threads,
                lease_seconds=self._lease_seconds,
                ended=self._ended,
            )
            task = asyncio.create_task(attempt.make())
            self._running.add(task)
            task.add_done_callback(self._over)

    def _over(self, task: asyncio.Task[None]) -> None:
        self._running.discard(task)
        self._work.set()
        self._news.set()
        self._news = asyncio.Event()

    async def _leave(self) -> None:
        """When asked to stop: let what runs end, and hand back what does not within the grace."""
        await self.stopping.wait()
        await self._claiming
        if self._running:
            _, unfinished = await asyncio.wait(self._running, timeout=self._grace_seconds)
            for task in unfinished:
                task.cancel()
            await asyncio.gather(*unfinished, return_exceptions=True)
        with suppress(StoreUnavailable):  # the next start wipes
            await self._threads(self._claims.wipe)
        self._threads.close()

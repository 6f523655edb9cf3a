"""Waiting for a training that may run in this process or in any other."""

import asyncio
from contextlib import suppress
from time import monotonic

from app.errors import StoreUnavailable
from app.trainings.queue import Queue
from app.trainings.states import State
from app.trainings.training import Training
from app.trainings.worker import Worker

ASK_SECONDS = 0.25
"""How often the database is asked; an end in this process is known at once."""


async def outcome(queue: Queue, worker: Worker, training: Training, within_seconds: float) -> Training:
    """The training when it has ended; as it stands when it has not within so many seconds, or when the service is
    asked to stop before it has begun.
    """
    until = monotonic() + within_seconds
    while not training.ended and (left := until - monotonic()) > 0:
        if worker.stopping.is_set() and training.state == State.QUEUED:
            break
        await worker.news(min(ASK_SECONDS, left))
        with suppress(StoreUnavailable):  # away for a moment: the training is safe in it
            training = await asyncio.to_thread(queue.training, training.id)
    return training

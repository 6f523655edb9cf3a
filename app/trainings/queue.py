"""The queue of trainings in the database, as callers see it: submit, look, cancel. claims.py is for those who run them.

Any number of processes share it. Every move between the states is one transaction. What the queue promises: a training
that was submitted is on disk; it ends exactly once, and a version is stored if and only if it succeeded; whoever lost
its claim changes nothing. Every call raises StoreUnavailable. Then nothing has happened that the next call could not
find out.
"""

import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa

from app.clock import now
from app.digest import digest
from app.errors import Problem, TrainingEnded, UnknownTraining
from app.store import idempotency, trainings
from app.store.database import Store
from app.trainings.job import Job
from app.trainings.states import SOURCES, State
from app.trainings.submission import Key, Submission, earlier, refuse_if_full, training_in
from app.trainings.training import Training, from_row


class Queue:
    """What callers may do. `keep_failed`: whether the records of failed trainings stay."""

    def __init__(self, store: Store, *, keep_failed: bool) -> None:
        self._store = store
        self._keep_failed = keep_failed
        self._to_wipe = True  # what a process that was killed may have left

    def submit(self, job: Job, limit: int, key: Key | None, *, waits: bool = True) -> Submission:
        """Put a training with its records into the queue. It is on disk when this returns.

        `waits`: the caller does not want 202 at once. For a key that was used before, the training of that time.
        Raises TrainingDataUnusable, TooBusy, IdempotencyKeyReused and StoreUnavailable. Nothing was put then.
        """
        job.refuse_if_unusable()
        records = job.records()
        training_id, records_digest = uuid.uuid4().hex, digest(records)
        with self._store.writing() as connection:
            if (found := earlier(connection, key)) is not None:
                return found
            refuse_if_full(trainings.count_queued(connection), limit)
            trainings.insert(
                connection,
                records,
                id=training_id,
                submitted_at=now(),
                options=job.options(),
                rows=job.rows,
                records_digest=records_digest,
            )
            # Once more, now that nobody else is between here and the end. The records, which may be many, are sent
            # before, so that the others do not wait for them.
            others = trainings.hold_queue(connection) - 1
            if (found := earlier(connection, key)) is not None:
                connection.rollback()
                return found
            refuse_if_full(others, limit)
            training = training_in(connection, training_id)
            accepted = None if waits else training.published()
            if key is not None:
                idempotency.insert(
                    connection, key=key.key, fingerprint=key.fingerprint, training_id=training_id, accepted=accepted
                )
        return Submission(training, accepted=accepted)

    def accept(self, training: Training) -> None:
        """Remember that a request with a key waited in vain and was answered 202; a repeated one will get the same."""
        with self._store.writing() as connection:
            idempotency.accept(connection, training.id, training.published())

    def cancel(self, training_id: str) -> Training:
        """End a training that has not ended. Raises UnknownTraining and TrainingEnded."""
        with self._ending() as connection:
            moved = self._end(connection, training_id, State.CANCELLED)
        training = self.training(training_id)
        if not moved:
            raise TrainingEnded(f"The training has ended before: {training.state}.")
        return training

    def training(self, training_id: str) -> Training:
        """One training as it stands. Raises UnknownTraining."""
        with self._store.reading() as connection:
            row = trainings.select(connection, training_id)
        if row is None:
            raise UnknownTraining("There is no such training.")
        return from_row(row)

    def length(self) -> int:
        """How many trainings wait."""
        with self._store.reading() as connection:
            return trainings.count_queued(connection)

    def page(self, limit: int, before: str | None) -> list[Training]:
        """Up to limit trainings, newest first, all submitted before the training `before`. Raises UnknownTraining."""
        with self._store.reading() as connection:
            if before is not None and trainings.select(connection, before) is None:
                raise UnknownTraining("There is no such training.")
            return [from_row(row) for row in trainings.select_page(connection, limit, before)]

    def progress_after(self, training_id: str, number: int) -> list[tuple[int, dict[str, Any]]]:
        """What a training has told of itself since that number, with the numbers."""
        with self._store.reading() as connection:
            return [(row.number, row.progress) for row in trainings.progress_after(connection, training_id, number)]

    def newest_progress(self, training_id: str) -> int:
        """The number of the last thing that a training told of itself."""
        with self._store.reading() as connection:
            return trainings.newest_progress(connection, training_id)

    def wipe(self) -> None:
        """Remove what records that were deleted here have left in the database's files, now or with a later call."""
        if self._to_wipe:
            self._to_wipe = not self._store.wipe()

    @contextmanager
    def _ending(self) -> Iterator[sa.Connection]:
        """A writing transaction that may delete records."""
        with self._store.writing() as connection:
            yield connection
        self._to_wipe = True

    def _end(
        self,
        connection: sa.Connection,
        training_id: str,
        state: State,
        number: int | None = None,
        *,
        problem: Problem | None = None,
        also: Callable[[sa.Connection, str], None] | None = None,
    ) -> bool:
        """The end of a training and of its records, and what belongs to it: all of it or nothing."""
        columns: dict[str, Any] = {"finished_at": (moment := now())}
        if problem is not None:
            columns["problem"] = {"code": problem.code, "detail": problem.detail}
        if not trainings.move(connection, training_id, SOURCES[state], state, number, **columns):
            return False
        if not (self._keep_failed and state == State.FAILED):
            trainings.delete_records(connection, training_id)
        if also is not None:
            also(connection, moment)
        return True

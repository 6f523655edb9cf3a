"""The queue of trainings in the database: every move between the states, each one transaction.

Any number of processes share it. What it promises: a training that was submitted is on disk; it ends exactly once, and
a version is stored if and only if it succeeded; whoever lost its claim changes nothing. Every call raises
StoreUnavailable, and then nothing has happened that the next call could not find out.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from app.errors import Problem, TrainingEnded, TrainingFailed, UnknownTraining
from app.network.progress import Progress
from app.registry import evidence_file, weights_file
from app.registry.registry import now
from app.store import trainings, versions
from app.store.database import Store
from app.trainings.card import card
from app.trainings.job import Job, stored_job
from app.trainings.result import Result
from app.trainings.states import MOST_ATTEMPTS, SOURCES, State
from app.trainings.training import Training, from_row


@dataclass(frozen=True)
class Claim:
    """The right to run one attempt of a training."""

    training_id: str
    number: int
    attempt: int
    job: Job
    records_digest: str


class Queue:
    """What may happen to trainings.

    slots            how many run at once
    lease_seconds    for how long a claim holds that nobody renews
    keep_failed      whether the records of failed trainings stay
    """

    def __init__(self, store: Store, *, slots: int, lease_seconds: float, keep_failed: bool) -> None:
        self._store = store
        self._slots = slots
        self._lease_seconds = lease_seconds
        self._keep_failed = keep_failed
        self._to_wipe = True  # what a process that was killed may have left

    def claim(self) -> Claim | None:
        """Take the training that waits longest; None when there is none, or as many run as may."""
        if not self.length():
            return None
        with self._store.writing() as connection:
            row = trainings.claim(connection, self._slots, self._lease_seconds, now())
        if row is None:
            return None
        with self._store.reading() as connection:
            records = trainings.records(connection, row.id)
        if records is None:  # cancelled between the two
            return None
        return Claim(row.id, row.claims, row.attempt, stored_job(row.options, records), row.records_digest)

    def renew(self, claim: Claim, progress: Progress | None = None) -> bool:
        """Prolong a claim and note the progress, if there is any; False when the claim is lost."""
        with self._store.writing() as connection:
            held = trainings.renew(connection, claim.training_id, claim.number, self._lease_seconds)
            if held and progress is not None:
                trainings.add_progress(connection, claim.training_id, claim.number, vars(progress))
        return held

    def holds(self, claim: Claim) -> bool:
        """Whether a claim is still good."""
        with self._store.reading() as connection:
            return trainings.is_claimed(connection, claim.training_id, claim.number)

    def succeed(self, claim: Claim, result: Result, progress: Progress | None, seconds: float) -> bool:
        """The version, its activation, the last progress and the end; False when the claim is lost."""
        file = weights_file.encode(result.fitted.parameters)
        evidence = None if result.evidence is None else evidence_file.encode(result.evidence)

        def store_version(connection: sa.Connection, moment: str) -> None:
            version = versions.insert(
                connection,
                training_id=claim.training_id,
                created_at=moment,
                digest=weights_file.digest(file),
                card=card(claim.job, result.fitted, claim.records_digest, seconds),
                weights=file,
                evidence=evidence,
                report=result.report,
            )
            if progress is not None:
                trainings.add_progress(connection, claim.training_id, claim.number, vars(progress))
            if claim.job.activate:
                versions.activate(connection, version, moment)

        with self._ending() as connection:
            return self._end(connection, claim.training_id, State.SUCCEEDED, claim.number, also=store_version)

    def fail(self, claim: Claim, problem: Problem) -> bool:
        """End a training without a model; False when the claim is lost."""
        with self._ending() as connection:
            return self._end(connection, claim.training_id, State.FAILED, claim.number, problem=problem)

    def died(self, claim: Claim, how: TrainingFailed) -> State | None:
        """The process of this attempt died: queued again, or failed after the last; None when the claim is lost."""
        with self._ending() as connection:
            return self._once_more(connection, claim.training_id, claim.number, claim.attempt, how)

    def hand_back(self, claim: Claim) -> bool:
        """Back into the queue, as if the attempt had not been; False when the claim is lost."""
        with self._store.writing() as connection:
            return trainings.move(
                connection, claim.training_id, SOURCES[State.QUEUED], State.QUEUED, claim.number,
                attempt=claim.attempt - 1, started_at=None,
            )  # fmt: skip

    def recover(self) -> list[State]:
        """Take what is claimed by processes that are gone: queued again, or failed after the last attempt."""
        with self._store.reading() as connection:
            if not trainings.is_any_expired(connection):
                return []
        gone = TrainingFailed("The service process that ran it is gone.")
        with self._ending() as connection:
            rows = trainings.hold_expired(connection)
            states = [self._once_more(connection, row.id, row.claims, row.attempt, gone) for row in rows]
        return [state for state in states if state is not None]

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

    def _once_more(
        self, connection: sa.Connection, training_id: str, number: int, attempt: int, how: TrainingFailed
    ) -> State | None:
        if attempt < MOST_ATTEMPTS:
            moved = trainings.move(
                connection, training_id, SOURCES[State.QUEUED], State.QUEUED, number, started_at=None
            )
            return State.QUEUED if moved else None
        problem = TrainingFailed(f"{how.detail} That was attempt {attempt} of {MOST_ATTEMPTS}.")
        return State.FAILED if self._end(connection, training_id, State.FAILED, number, problem=problem) else None

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

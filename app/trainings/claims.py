"""The queue of trainings, as the workers see it: a claim is the right to run one attempt, as long as it is renewed."""

from dataclasses import dataclass

import sqlalchemy as sa

from app.clock import now
from app.digest import digest
from app.errors import Problem, TrainingFailed
from app.network.progress import Progress
from app.registry import evidence_file, weights_file
from app.store import trainings, versions
from app.store.database import Store
from app.trainings.card import card
from app.trainings.job import Job, stored_job
from app.trainings.queue import Queue
from app.trainings.result import Result
from app.trainings.states import MOST_ATTEMPTS, SOURCES, State

PROGRESS_KEPT_SECONDS = 3600
"""Whoever follows a training may come back for what he missed until so long after its end."""


@dataclass(frozen=True)
class Claim:
    """The right to run one attempt of a training."""

    training_id: str
    number: int
    attempt: int
    job: Job
    records_digest: str


class Claims(Queue):
    """What workers may do beside.

    slots            how many trainings run at once
    lease_seconds    for how long a claim holds that nobody renews
    """

    def __init__(self, store: Store, *, slots: int, lease_seconds: float, keep_failed: bool) -> None:
        super().__init__(store, keep_failed=keep_failed)
        self._slots = slots
        self._lease_seconds = lease_seconds

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
                digest=digest(file),
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

    def prune(self) -> None:
        """Delete what trainings told of themselves that ended more than an hour ago, but for the last of each."""
        with self._store.writing() as connection:
            trainings.prune_progress(connection, ended_before=now(seconds_ago=PROGRESS_KEPT_SECONDS))

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

"""A training enters the queue, once for each Idempotency-Key.

The rules are those of the IETF's draft-ietf-httpapi-idempotency-key-header: a key names one request; the same request
again gets the first one's answer, another one is refused, and so is one that comes while the first is under way.
"""

import uuid
from dataclasses import dataclass

import sqlalchemy as sa

from app.errors import IdempotencyKeyReused, RequestUnderWay, TooBusy
from app.registry.registry import now
from app.registry.weights_file import digest
from app.store import idempotency, trainings
from app.store.database import Store
from app.trainings.job import Job
from app.trainings.training import Training, from_row

RETRY_SECONDS = "10"
"""When to come back to a full queue: a training is a matter of seconds."""


@dataclass(frozen=True)
class Key:
    """An Idempotency-Key, and the digest of the request that it came with."""

    key: str
    fingerprint: str


@dataclass(frozen=True)
class Submission:
    """The training of a request; `accepted` is what it, or an earlier such request, was to be answered with 202."""

    training: Training
    repeated: bool = False
    accepted: dict[str, object] | None = None

    def refuse_if_under_way(self) -> None:
        """Raise RequestUnderWay for a repeated request while the first one waits for its training."""
        if self.repeated and self.accepted is None and not self.training.ended:
            raise RequestUnderWay(
                "The first request with this Idempotency-Key is under way.", {"Location": f"/train/{self.training.id}"}
            )


def submit(store: Store, job: Job, limit: int, key: Key | None, *, waits: bool = True) -> Submission:
    """Put a training with its records into the queue, on disk when this returns; `waits` for a caller that does not
    want 202 at once.

    Raises TooBusy, IdempotencyKeyReused and StoreUnavailable; nothing was put then. For a key that was used before it
    returns the training of that time.
    """
    records = job.records()
    training_id, records_digest = uuid.uuid4().hex, digest(records)
    with store.writing() as connection:
        if (earlier := _earlier(connection, key)) is not None:
            return earlier
        _refuse_if_full(trainings.count_queued(connection), limit)
        trainings.insert(
            connection,
            records,
            id=training_id,
            submitted_at=now(),
            options=job.options(),
            rows=job.rows,
            records_digest=records_digest,
        )
        # Once more, now that nobody else is between here and the end: the records, which may be many, are sent before,
        # so that the others do not wait for them.
        others = trainings.hold_queue(connection) - 1
        if (earlier := _earlier(connection, key)) is not None:
            _undo(connection)
            return earlier
        _refuse_if_full(others, limit)
        training = _training(connection, training_id)
        accepted = None if waits else training.published()
        if key is not None:
            idempotency.insert(
                connection, key=key.key, fingerprint=key.fingerprint, training_id=training_id, accepted=accepted
            )
    return Submission(training, accepted=accepted)


def accept(store: Store, training: Training) -> None:
    """Remember that a request with a key waited in vain and was answered 202; a repeated one will get the same."""
    with store.writing() as connection:
        idempotency.accept(connection, training.id, training.published())


def _earlier(connection: sa.Connection, key: Key | None) -> Submission | None:
    if key is None or (used := idempotency.select(connection, key.key)) is None:
        return None
    if used.fingerprint != key.fingerprint:
        raise IdempotencyKeyReused("This Idempotency-Key was used for another request.")
    return Submission(_training(connection, used.training_id), True, used.accepted)


def _refuse_if_full(waiting: int, limit: int) -> None:
    if waiting >= limit:
        raise TooBusy(f"{waiting} trainings wait already.", {"Retry-After": RETRY_SECONDS})


def _training(connection: sa.Connection, training_id: str) -> Training:
    row = trainings.select(connection, training_id)
    assert row is not None  # a key refers to it
    return from_row(row)


def _undo(connection: sa.Connection) -> None:
    transaction = connection.get_transaction()
    assert transaction is not None
    transaction.rollback()

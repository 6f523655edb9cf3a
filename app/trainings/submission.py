"""A training enters the queue, once for each Idempotency-Key.

The rules are those of the IETF's draft-ietf-httpapi-idempotency-key-header: a key names one request; the same request
again gets the first one's answer, another one is refused, and so is one that comes while the first is under way.
"""

import uuid
from dataclasses import dataclass

from app.errors import IdempotencyKeyReused, RequestUnderWay, TooBusy
from app.registry.registry import now
from app.store import idempotency, trainings
from app.store.database import Store
from app.trainings.job import Job, digest
from app.trainings.training import Training

RETRY_SECONDS = "10"
"""When to come back to a full queue: a training is a matter of seconds."""


@dataclass(frozen=True)
class Key:
    """An Idempotency-Key, and the digest of the request that it came with."""

    key: str
    fingerprint: str


@dataclass(frozen=True)
class Submission:
    """The training of a request; `accepted` is what an earlier such request was answered with 202."""

    training_id: str
    repeated: bool = False
    accepted: dict[str, object] | None = None


def submit(store: Store, job: Job, limit: int, key: Key | None) -> Submission:
    """Put a training with its records into the queue, on disk when this returns.

    Raises TooBusy, IdempotencyKeyReused and StoreUnavailable; nothing was put then. For a key that was used before it
    returns the training of that time.
    """
    records = job.records()
    records_digest = digest(records)
    with store.writing() as connection:
        waiting = trainings.hold_queue(connection)
        if key is not None and (used := idempotency.select(connection, key.key)) is not None:
            if used.fingerprint != key.fingerprint:
                raise IdempotencyKeyReused("This Idempotency-Key was used for another request.")
            return Submission(used.training_id, True, used.accepted)
        if waiting >= limit:
            raise TooBusy(f"{waiting} trainings wait already.", {"Retry-After": RETRY_SECONDS})
        training_id = uuid.uuid4().hex
        trainings.insert(
            connection,
            records,
            id=training_id,
            submitted_at=now(),
            options=job.options(),
            rows=len(job.targets),
            records_digest=records_digest,
        )
        if key is not None:
            idempotency.insert(connection, key=key.key, fingerprint=key.fingerprint, training_id=training_id)
    return Submission(training_id)


def accept(store: Store, training: Training) -> dict[str, object]:
    """The answer to a request that does not wait for its training any longer; a repeated one will get the same."""
    accepted = training.published()
    with store.writing() as connection:
        idempotency.accept(connection, training.id, accepted)
    return accepted


def refuse_if_under_way(submission: Submission, training: Training) -> None:
    """Raise RequestUnderWay for a repeated request while the first one waits for its training."""
    if submission.repeated and submission.accepted is None and not training.ended:
        raise RequestUnderWay(
            "The first request with this Idempotency-Key is under way.", {"Location": f"/train/{training.id}"}
        )

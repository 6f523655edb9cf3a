"""A training enters the queue, once for each Idempotency-Key.

The rules are those of the IETF's draft-ietf-httpapi-idempotency-key-header: a key names one request; the same request
again gets the first one's answer, another one is refused, and so is one that comes while the first is under way.
"""

from dataclasses import dataclass

import sqlalchemy as sa

from app.errors import IdempotencyKeyReused, RequestUnderWay, TooBusy
from app.store import idempotency, trainings
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


def earlier(connection: sa.Connection, key: Key | None) -> Submission | None:
    """What became of the first request with this key. Raises IdempotencyKeyReused when that was another request."""
    if key is None or (used := idempotency.select(connection, key.key)) is None:
        return None
    if used.fingerprint != key.fingerprint:
        raise IdempotencyKeyReused("This Idempotency-Key was used for another request.")
    return Submission(training_in(connection, used.training_id), True, used.accepted)


def refuse_if_full(waiting: int, limit: int) -> None:
    """Raises TooBusy when as many wait as may."""
    if waiting >= limit:
        raise TooBusy(f"{waiting} trainings wait already.", {"Retry-After": RETRY_SECONDS})


def training_in(connection: sa.Connection, training_id: str) -> Training:
    """A training that there is."""
    row = trainings.select(connection, training_id)
    assert row is not None  # a key refers to it
    return from_row(row)

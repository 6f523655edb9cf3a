"""SQL of idempotency keys, inside the caller's transaction."""

from typing import Any

import sqlalchemy as sa

from app.store.database import database_seconds
from app.store.schema import idempotency_keys

KEPT_SECONDS = 24 * 3600


def select(connection: sa.Connection, key: str) -> sa.Row[Any] | None:
    """The request that used a key within the last 24 hours."""
    fresh = idempotency_keys.c.used_at > database_seconds() - KEPT_SECONDS
    return connection.execute(sa.select(idempotency_keys).where(idempotency_keys.c.key == key, fresh)).one_or_none()


def insert(connection: sa.Connection, **columns: Any) -> None:
    """Remember a request. Forgets those of more than 24 hours ago, of this key or another."""
    old = idempotency_keys.c.used_at <= database_seconds() - KEPT_SECONDS
    connection.execute(sa.delete(idempotency_keys).where(old))
    connection.execute(sa.insert(idempotency_keys).values(used_at=database_seconds(), **columns))


def accept(connection: sa.Connection, training_id: str, accepted: dict[str, Any]) -> None:
    """Remember that the request behind a training, if it has a key, was answered with 202 and this."""
    connection.execute(
        sa.update(idempotency_keys).where(idempotency_keys.c.training_id == training_id).values(accepted=accepted)
    )

"""SQL of model versions, which never change, and of activations, inside the caller's transaction."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from app.store.database import take_turn
from app.store.schema import activations, model_versions

_TURN = "versions"


def insert(connection: sa.Connection, **columns: Any) -> int:
    """Add a version under the next number, from 1 without a gap, and return it. Needs a writing transaction."""
    take_turn(connection, _TURN)
    newest = connection.execute(sa.select(sa.func.max(model_versions.c.version))).scalar_one()
    version = (newest or 0) + 1
    connection.execute(sa.insert(model_versions).values(version=version, **columns))
    return version


def activate(connection: sa.Connection, version: int, activated_at: str) -> None:
    """Put a version into service. Needs a writing transaction."""
    take_turn(connection, _TURN)
    connection.execute(
        sa.insert(activations).values(
            version=version, activated_at=activated_at, previous_version=active_number(connection)
        )
    )


def hold_active(connection: sa.Connection) -> int | None:
    """The number of the version in service, which nobody else changes until this transaction ends."""
    take_turn(connection, _TURN)
    return active_number(connection)


def active_number(connection: sa.Connection) -> int | None:
    """The number of the version in service; None before the first activation."""
    return connection.execute(
        sa.select(activations.c.version).order_by(activations.c.id.desc()).limit(1)
    ).scalar_one_or_none()


def newest_activation(connection: sa.Connection) -> int:
    """The number of the newest activation; 0 before the first."""
    return connection.execute(sa.select(sa.func.max(activations.c.id))).scalar_one() or 0


def select(connection: sa.Connection, version: int) -> sa.Row[Any] | None:
    """One version, whole."""
    return connection.execute(sa.select(model_versions).where(model_versions.c.version == version)).one_or_none()


def select_page(connection: sa.Connection, limit: int, before: int | None) -> Sequence[sa.Row[Any]]:
    """Up to limit versions, newest first, all older than before."""
    query = sa.select(model_versions).order_by(model_versions.c.version.desc()).limit(limit)
    if before is not None:
        query = query.where(model_versions.c.version < before)
    return connection.execute(query).all()


def select_numbers(connection: sa.Connection) -> Sequence[int]:
    """The numbers of all versions, oldest first."""
    return connection.scalars(sa.select(model_versions.c.version).order_by(model_versions.c.version)).all()


def select_activations(connection: sa.Connection, limit: int, before: int | None) -> Sequence[sa.Row[Any]]:
    """Up to limit activations, newest first, all with a number below before."""
    query = sa.select(activations).order_by(activations.c.id.desc()).limit(limit)
    if before is not None:
        query = query.where(activations.c.id < before)
    return connection.execute(query).all()

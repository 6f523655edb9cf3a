"""SQL of model versions, which never change, and of activations, inside the caller's transaction."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from app.store.schema import activations, model_versions


def insert(connection: sa.Connection, **columns: Any) -> int:
    """Add a version under the next number, from 1 without a gap, and return it. Needs a writing transaction."""
    newest = connection.execute(sa.select(sa.func.max(model_versions.c.version))).scalar_one()
    version = (newest or 0) + 1
    connection.execute(sa.insert(model_versions).values(version=version, **columns))
    return version


def activate(connection: sa.Connection, version: int, activated_at: str) -> None:
    """Put a version into service."""
    connection.execute(sa.insert(activations).values(version=version, activated_at=activated_at))


def active_number(connection: sa.Connection) -> int | None:
    """The number of the version in service; None before the first activation."""
    return connection.execute(
        sa.select(activations.c.version).order_by(activations.c.id.desc()).limit(1)
    ).scalar_one_or_none()


def select(connection: sa.Connection, version: int) -> sa.Row[Any] | None:
    """One version, whole."""
    return connection.execute(sa.select(model_versions).where(model_versions.c.version == version)).one_or_none()


def select_page(connection: sa.Connection, limit: int, before: int | None) -> Sequence[sa.Row[Any]]:
    """Up to limit versions, newest first, all older than before."""
    query = sa.select(model_versions).order_by(model_versions.c.version.desc()).limit(limit)
    if before is not None:
        query = query.where(model_versions.c.version < before)
    return connection.execute(query).all()

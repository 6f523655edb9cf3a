"""SQL of trainings, inside the caller's transaction."""

from collections.abc import Collection
from typing import Any

import sqlalchemy as sa

from app.store.schema import trainings


def insert(connection: sa.Connection, **columns: Any) -> None:
    """Add one training."""
    connection.execute(sa.insert(trainings).values(**columns))


def move(connection: sa.Connection, training_id: str, sources: Collection[str], state: str, **columns: Any) -> bool:
    """Set the state and columns of a training that is in one of the source states; False when it is not.

    One statement, so that of two concurrent moves the second finds the state that the first one left.
    """
    result = connection.execute(
        sa.update(trainings)
        .where(trainings.c.id == training_id, trainings.c.state.in_(sources))
        .values(state=state, **columns)
    )
    return result.rowcount == 1

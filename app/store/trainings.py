"""SQL of trainings, inside the caller's transaction.

A claim has a number, a slot and the moment until which it holds. Whoever's claim is not the newest any more, or has
ended, finds so in the same statement in which it would change the training.
"""

from collections.abc import Collection, Sequence
from typing import Any

import sqlalchemy as sa

from app.store.database import database_seconds, take_turn
from app.store.schema import model_versions, training_progress, training_records, trainings

_QUEUED, _RUNNING = "queued", "running"
_NO_CLAIM: dict[str, Any] = {"slot": None, "lease_until": None}
_order = (trainings.c.submitted_at, trainings.c.id)


def insert(connection: sa.Connection, records: bytes | memoryview, **columns: Any) -> None:
    """Add one training to the queue, with the records that it is to be made on."""
    connection.execute(sa.insert(trainings).values(state=_QUEUED, **columns))
    connection.execute(sa.insert(training_records).values(training_id=columns["id"], records=records))


def hold_queue(connection: sa.Connection) -> int:
    """How many trainings wait; nobody else adds one until this transaction ends."""
    take_turn(connection, "queue")
    return count_queued(connection)


def count_queued(connection: sa.Connection) -> int:
    """How many trainings wait."""
    return connection.execute(sa.select(sa.func.count()).where(trainings.c.state == _QUEUED)).scalar_one()


def claim(connection: sa.Connection, slots: int, lease_seconds: float, started_at: str) -> sa.Row[Any] | None:
    """Move the training that waits longest from queued to running, in a free slot, and return it.

    None when none waits or no slot is free. Claims take turns, so that each sees the slots that the others took; a
    training that is just being cancelled is skipped and not waited for.
    """
    take_turn(connection, "claim")
    taken = connection.execute(sa.select(trainings.c.slot).where(trainings.c.state == _RUNNING)).scalars().all()
    free = [slot for slot in range(1, slots + 1) if slot not in taken]
    if not free:
        return None
    first = sa.select(trainings.c.id).where(trainings.c.state == _QUEUED).order_by(*_order).limit(1)
    return connection.execute(
        sa.update(trainings)
        .where(trainings.c.id == first.with_for_update(skip_locked=True).scalar_subquery())
        .values(
            state=_RUNNING,
            started_at=started_at,
            attempt=trainings.c.attempt + 1,
            claims=trainings.c.claims + 1,
            slot=free[0],
            lease_until=database_seconds() + lease_seconds,
        )
        .returning(trainings)
    ).one_or_none()


def records(connection: sa.Connection, training_id: str) -> bytes | None:
    """What a training is to be made on; None when it has ended."""
    query = sa.select(training_records.c.records).where(training_records.c.training_id == training_id)
    return connection.execute(query).scalar_one_or_none()


def _held(training_id: str, number: int) -> sa.ColumnElement[bool]:
    """The training, if this is its claim."""
    return sa.and_(trainings.c.id == training_id, trainings.c.state == _RUNNING, trainings.c.claims == number)


def renew(connection: sa.Connection, training_id: str, number: int, lease_seconds: float) -> bool:
    """Prolong a claim; False when it is lost."""
    result = connection.execute(
        sa.update(trainings).where(_held(training_id, number)).values(lease_until=database_seconds() + lease_seconds)
    )
    return result.rowcount == 1


def is_claimed(connection: sa.Connection, training_id: str, number: int) -> bool:
    """Whether a claim still holds."""
    return connection.execute(sa.select(sa.exists().where(_held(training_id, number)))).scalar_one()


def is_any_expired(connection: sa.Connection) -> bool:
    """Whether there is a running training whose claim nobody has prolonged in time."""
    return connection.execute(sa.select(sa.exists().where(_expired()))).scalar_one()


def hold_expired(connection: sa.Connection) -> Sequence[sa.Row[Any]]:
    """The running trainings whose claim nobody has prolonged in time, nor can until this transaction ends."""
    return connection.execute(sa.select(trainings).where(_expired()).with_for_update(skip_locked=True)).all()


def _expired() -> sa.ColumnElement[bool]:
    return sa.and_(trainings.c.state == _RUNNING, trainings.c.lease_until < database_seconds())


def move(
    connection: sa.Connection,
    training_id: str,
    sources: Collection[str],
    state: str,
    number: int | None = None,
    **columns: Any,
) -> bool:
    """Set the state and columns of a training that is in one of the source states, and under the claim of this number
    if one is named; False when it is not. Its claim ends.

    One statement, so that of two concurrent moves the second finds the state that the first one left.
    """
    query = sa.update(trainings).where(trainings.c.id == training_id, trainings.c.state.in_(sources))
    if number is not None:
        query = query.where(_held(training_id, number))
    result = connection.execute(query.values(state=state, **_NO_CLAIM, **columns))
    return result.rowcount == 1


def delete_records(connection: sa.Connection, training_id: str) -> None:
    """Forget what a training was made on."""
    connection.execute(sa.delete(training_records).where(training_records.c.training_id == training_id))


def newest_progress(connection: sa.Connection, training_id: str) -> int:
    """The number of the last thing that a training told of itself; 0 when there is none."""
    newest = sa.select(sa.func.max(training_progress.c.number)).where(training_progress.c.training_id == training_id)
    return connection.execute(newest).scalar_one() or 0


def add_progress(connection: sa.Connection, training_id: str, claim: int, progress: dict[str, Any]) -> None:
    """Append what a running training tells of itself, under the training's next number."""
    number = newest_progress(connection, training_id) + 1
    connection.execute(
        sa.insert(training_progress).values(training_id=training_id, number=number, claim=claim, progress=progress)
    )


def progress_after(connection: sa.Connection, training_id: str, number: int) -> Sequence[sa.Row[Any]]:
    """What a training has told of itself since, in order."""
    query = sa.select(training_progress).where(
        training_progress.c.training_id == training_id, training_progress.c.number > number
    )
    return connection.execute(query.order_by(training_progress.c.number)).all()


def prune_progress(connection: sa.Connection, ended_before: str) -> None:
    """Forget what trainings told that ended before an instant, but for the last of each: its number is still asked for,
    and what it says is published.
    """
    later = training_progress.alias("later")
    is_last = ~sa.exists().where(
        later.c.training_id == training_progress.c.training_id, later.c.number > training_progress.c.number
    )
    ended = sa.select(trainings.c.id).where(trainings.c.finished_at < ended_before)
    connection.execute(sa.delete(training_progress).where(training_progress.c.training_id.in_(ended), ~is_last))


def _with_position_and_outcome() -> sa.Select[Any]:
    """Trainings with their place in the queue, newest progress of the newest claim, and version."""
    ahead = trainings.alias("ahead")
    position = sa.select(sa.func.count()).where(
        ahead.c.state == _QUEUED, sa.tuple_(ahead.c.submitted_at, ahead.c.id) <= sa.tuple_(*_order)
    )
    progress = (
        sa.select(training_progress.c.progress)
        .where(training_progress.c.training_id == trainings.c.id, training_progress.c.claim == trainings.c.claims)
        .order_by(training_progress.c.number.desc())
        .limit(1)
    )
    return sa.select(
        trainings,
        sa.case((trainings.c.state == _QUEUED, position.correlate(trainings).scalar_subquery())).label("position"),
        progress.correlate(trainings).scalar_subquery().label("progress"),
        model_versions.c.version.label("model_version"),
    ).outerjoin(model_versions)


def select(connection: sa.Connection, training_id: str) -> sa.Row[Any] | None:
    """One training, as it stands."""
    return connection.execute(_with_position_and_outcome().where(trainings.c.id == training_id)).one_or_none()


def select_page(connection: sa.Connection, limit: int, before: str | None) -> Sequence[sa.Row[Any]]:
    """Up to limit trainings, newest first, all submitted before the training of this id."""
    query = _with_position_and_outcome().order_by(*(column.desc() for column in _order)).limit(limit)
    if before is not None:
        edge = sa.select(trainings.c.submitted_at).where(trainings.c.id == before).scalar_subquery()
        query = query.where(sa.tuple_(*_order) < sa.tuple_(edge, before))
    return connection.execute(query).all()

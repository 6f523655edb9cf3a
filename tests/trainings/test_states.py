"""The states of a training: only the moves of the table, and the database keeps them."""

from itertools import product

import pytest
import sqlalchemy as sa

from app.store import trainings
from app.store.schema import trainings as table
from app.trainings.states import ENDS, SOURCES, State

MOVES = {
    ("queued", "running"), ("queued", "cancelled"),
    ("running", "queued"), ("running", "succeeded"), ("running", "failed"), ("running", "cancelled"),
}  # fmt: skip
CLAIM = {"slot": 1, "lease_until": 1.0}


def begin(connection, state):
    trainings.insert(connection, b"", id="t", submitted_at="", options={}, rows=3, records_digest="")
    if state != State.QUEUED:
        connection.execute(sa.update(table).values(state=state, **(CLAIM if state == State.RUNNING else {})))


def test_the_table_is_the_drawing():
    assert {(str(source), str(target)) for target, sources in SOURCES.items() for source in sources} == MOVES
    assert set(State) == {"queued", "running", "succeeded", "failed", "cancelled"}
    assert not set(ENDS) & {source for source, _ in MOVES}


@pytest.mark.parametrize(("source", "target"), list(product(State, sorted(set(State) - {State.RUNNING}))))
def test_a_move_that_is_not_in_it_changes_nothing(store, source, target):
    with store.writing() as connection:
        begin(connection, source)
        moved = trainings.move(connection, "t", SOURCES[target], target, finished_at="now")
        row = connection.execute(table.select()).one()
    assert moved == ((source, target) in MOVES)
    assert (row.state, row.finished_at) == ((target, "now") if moved else (source, None))
    claim = CLAIM if source == State.RUNNING and not moved else dict.fromkeys(CLAIM)
    assert (row.slot, row.lease_until) == tuple(claim.values())


def test_a_training_ends_once(store):
    with store.writing() as connection:
        begin(connection, State.RUNNING)
    moved = []
    for end in ENDS:
        with store.writing() as connection:
            moved.append(trainings.move(connection, "t", SOURCES[end], end))
    assert moved == [True, False, False]


def test_only_the_newest_claim_moves_it(store):
    with store.writing() as connection:
        begin(connection, State.RUNNING)
        connection.execute(sa.update(table).values(claims=7))
        assert trainings.move(connection, "t", SOURCES[State.FAILED], State.FAILED, 6) is False
        assert trainings.renew(connection, "t", 6, 10) is False
        assert trainings.is_claimed(connection, "t", 6) is False
        assert trainings.is_claimed(connection, "t", 7) is True
        assert trainings.move(connection, "t", SOURCES[State.FAILED], State.FAILED, 7) is True


def test_a_training_that_does_not_exist_does_not_move(store):
    with store.writing() as connection:
        assert trainings.move(connection, "t", SOURCES[State.FAILED], State.FAILED) is False

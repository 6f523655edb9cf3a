"""The states of a training: only the moves of the table, and the database keeps them."""

from itertools import product

import pytest

from app.store import trainings
from app.store.open import open_store
from app.store.schema import trainings as table
from app.trainings.states import SOURCES, State

MOVES = {
    ("queued", "running"), ("queued", "cancelled"),
    ("running", "succeeded"), ("running", "failed"), ("running", "cancelled"),
}  # fmt: skip


@pytest.fixture
def store(tmp_path):
    store = open_store(tmp_path)
    yield store
    store.close()


def begin(connection, state):
    trainings.insert(connection, id="t", state=state, submitted_at="", options={}, rows=3, records_digest="")


def test_the_table_is_the_drawing():
    assert {(str(source), str(target)) for target, sources in SOURCES.items() for source in sources} == MOVES
    assert set(State) == {"queued", "running", "succeeded", "failed", "cancelled"}


@pytest.mark.parametrize(("source", "target"), list(product(State, SOURCES)))
def test_a_move_that_is_not_in_it_changes_nothing(store, source, target):
    with store.writing() as connection:
        begin(connection, source)
        moved = trainings.move(connection, "t", SOURCES[target], target, finished_at="now")
        row = connection.execute(table.select()).one()
    assert moved == ((source, target) in MOVES)
    assert (row.state, row.finished_at) == ((target, "now") if moved else (source, None))


def test_a_training_ends_once(store):
    with store.writing() as connection:
        begin(connection, State.RUNNING)
    ends = (State.SUCCEEDED, State.FAILED, State.CANCELLED)
    moved = []
    for end in ends:
        with store.writing() as connection:
            moved.append(trainings.move(connection, "t", SOURCES[end], end))
    assert moved == [True, False, False]


def test_a_training_that_does_not_exist_does_not_move(store):
    with store.writing() as connection:
        assert trainings.move(connection, "t", SOURCES[State.FAILED], State.FAILED) is False

"""Transactions: one writer at a time, one state for a reader, all of a block or nothing."""

import threading

import pytest
import sqlalchemy as sa

from app.errors import StoreUnavailable
from app.store import trainings, versions
from app.store.schema import activations, metadata, model_versions

TRAININGS = metadata.tables["trainings"]
MOMENT = "2026-01-01T00:00:00.000000Z"
MISLEAD = sa.update(model_versions).values(training_id="b")


def begin(connection, training_id):
    trainings.insert(
        connection, b"", id=training_id, submitted_at=MOMENT, options={}, rows=3, records_digest="sha256:0"
    )


def add(connection, training_id):
    begin(connection, training_id)
    return versions.insert(
        connection, training_id=training_id, created_at=MOMENT, digest="d", card={"threshold": 0.5}, weights=b"w"
    )


def count(store, table):
    with store.reading() as connection:
        return connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()


def fail_after_adding(store, training_id, number):
    """A block that raises when everything is done but the commit."""
    with store.writing() as connection:
        assert add(connection, training_id) == number
        versions.activate(connection, number, MOMENT)
        raise ZeroDivisionError


def test_a_block_that_fails_leaves_nothing(store):
    with pytest.raises(ZeroDivisionError):
        fail_after_adding(store, "a", 1)
    assert [count(store, table) for table in (TRAININGS, model_versions, activations)] == [0, 0, 0]


def test_numbers_go_from_one_without_a_gap_also_after_a_failure(store):
    with store.writing() as connection:
        assert add(connection, "a") == 1
    with pytest.raises(ZeroDivisionError):
        fail_after_adding(store, "b", 2)
    with store.writing() as connection:
        assert [add(connection, "c"), add(connection, "d")] == [2, 3]


def test_writers_queue_up(store):
    """Each reads the newest number before it writes the next: two at once would take the same."""
    threads = 8
    together = threading.Barrier(threads)
    numbers = []

    def write(name):
        together.wait()
        with store.writing() as connection:
            number = add(connection, name)
            versions.activate(connection, number, MOMENT)
            numbers.append(number)

    writers = [threading.Thread(target=write, args=(str(i),)) for i in range(threads)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert sorted(numbers) == list(range(1, threads + 1))
    with store.reading() as connection:
        log = connection.execute(sa.select(activations).order_by(activations.c.id)).all()
    order = [row.version for row in log]
    assert sorted(order) == sorted(numbers)
    assert [row.previous_version for row in log] == [None, *order[:-1]]


def test_a_reader_sees_one_state(store):
    with store.reading() as reader:
        assert versions.active_number(reader) is None
        with store.writing() as connection:
            versions.activate(connection, add(connection, "a"), MOMENT)
        assert versions.active_number(reader) is None
    with store.reading() as reader:
        assert versions.active_number(reader) == 1


def test_the_newest_activation_names_the_version_in_service(store):
    with store.writing() as connection:
        numbers = [add(connection, name) for name in "abc"]
        for number in (1, 3, 2):
            versions.activate(connection, number, MOMENT)  # all at the same instant: the order decides
        assert (numbers, versions.active_number(connection)) == ([1, 2, 3], 2)


def test_pages(store):
    with store.writing() as connection:
        for name in "abcde":
            add(connection, name)
        page = [row.version for row in versions.select_page(connection, 2, None)]
        older = [row.version for row in versions.select_page(connection, 9, 4)]
        assert (page, older, versions.select_page(connection, 9, 1)) == ([5, 4], [3, 2, 1], [])
        assert versions.select(connection, 6) is None
        assert versions.select(connection, 2).training_id == "b"


@pytest.mark.parametrize(
    "mistake",
    [
        lambda connection: versions.activate(connection, 7, MOMENT),
        lambda connection: [begin(connection, "a"), connection.execute(sa.update(TRAININGS).values(state="sleeping"))],
        lambda connection: [begin(connection, "a"), connection.execute(sa.update(TRAININGS).values(state="running"))],
        lambda connection: [begin(connection, "a"), connection.execute(sa.update(TRAININGS).values(slot=1))],
        lambda connection: [
            begin(connection, "a"),
            begin(connection, "b"),
            connection.execute(sa.update(TRAININGS).values(state="running", slot=1, lease_until=1.0)),
        ],
        lambda connection: [begin(connection, "a"), begin(connection, "a")],
        lambda connection: [
            add(connection, "a"),
            connection.execute(sa.update(model_versions).values(training_id="b")),
        ],
        lambda connection: [
            add(connection, "a"),
            versions.insert(connection, training_id="a", created_at=MOMENT, digest="", card={}, weights=b""),
        ],
    ],
    ids=[
        "no such version",
        "no such state",
        "running unclaimed",
        "claimed, not running",
        "two in one slot",
        "same id",
        "no such training",
        "two versions of one training",
    ],
)
def test_constraints_are_kept_by_the_database(store, mistake):
    with pytest.raises(sa.exc.IntegrityError), store.writing() as connection:
        mistake(connection)


def test_what_the_driver_says_is_translated_once(store):
    with pytest.raises(StoreUnavailable) as error, store.reading() as connection:
        connection.exec_driver_sql("SELECT * FROM missing")
    told = {"sqlite": "no such table: missing", "postgresql": "SQLSTATE 42P01"}
    assert error.value.detail == f"The database cannot be used: {told[connection.dialect.name]}."
    assert isinstance(error.value.__cause__, sa.exc.DBAPIError)

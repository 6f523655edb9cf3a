"""The counter that moves when somebody else has committed."""

from app.store.data_version import DataVersion
from app.store.open import open_store
from app.store.schema import trainings


def write(store):
    with store.writing() as connection:
        connection.execute(trainings.delete())
        connection.exec_driver_sql(
            "INSERT INTO trainings (id, state, submitted_at, options, rows, records_digest) "
            "VALUES ('t', 'queued', '', '{}', 0, '')"
        )


def test_it_stands_still_while_nothing_is_written(store):
    changes = DataVersion(store.path, 10)
    first = changes.counter()
    store.ping()
    with store.reading() as connection:
        connection.execute(trainings.select()).all()
    assert [changes.counter() for _ in range(3)] == [first] * 3
    changes.close()


def test_it_moves_with_every_commit_of_any_connection(store):
    changes, other = DataVersion(store.path, 10), open_store(store.path.parent)
    seen = [changes.counter()]
    for writer in (store, other, store):
        write(writer)
        seen.append(changes.counter())
    assert len(set(seen)) == 4
    other.close()
    changes.close()


def test_it_stands_still_for_what_was_rolled_back(store):
    changes = DataVersion(store.path, 10)
    first = changes.counter()
    with store.writing() as connection:
        connection.execute(trainings.delete())
        connection.get_transaction().rollback()
    assert changes.counter() == first
    changes.close()


def test_it_is_none_while_the_file_cannot_be_read(tmp_path):
    (tmp_path / "file").write_bytes(b"this is no database" * 100)
    changes = DataVersion(tmp_path / "file", 10)
    assert changes.counter() is None
    changes.close()
    assert changes.counter() is None

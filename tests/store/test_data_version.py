"""SQLite's counter, which moves when somebody else has committed."""

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


def test_it_stands_still_while_nothing_is_written(sqlite_store):
    changes = DataVersion(sqlite_store.path, 10)
    first = changes.counter()
    sqlite_store.ping()
    with sqlite_store.reading() as connection:
        connection.execute(trainings.select()).all()
    assert [changes.counter() for _ in range(3)] == [first] * 3
    changes.close()


def test_it_moves_with_every_commit_of_any_connection(sqlite_store):
    changes, other = DataVersion(sqlite_store.path, 10), open_store(sqlite_store.path.parent)
    seen = [changes.counter()]
    for writer in (sqlite_store, other, sqlite_store):
        write(writer)
        seen.append(changes.counter())
    assert len(set(seen)) == 4
    other.close()
    changes.close()


def test_it_stands_still_for_what_was_rolled_back(sqlite_store):
    changes = DataVersion(sqlite_store.path, 10)
    first = changes.counter()
    with sqlite_store.writing() as connection:
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

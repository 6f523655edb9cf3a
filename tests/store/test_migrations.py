"""The migrations make what the schema declares, from nothing and from every revision before."""

import hashlib
import sqlite3
from contextlib import closing
from shutil import copytree, ignore_patterns

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from app.errors import CannotStart, StoreTooNew
from app.store import migrations
from app.store.migrations.run import upgrade
from app.store.open import open_store
from app.store.schema import metadata
from app.store.sqlite import FILE_NAME


@pytest.fixture
def alembic():
    config = Config()
    config.set_main_option("script_location", migrations.__path__[0])
    config.set_main_option("path_separator", "os")
    return config


def revisions():
    """From the first to the last."""
    config = Config()
    config.set_main_option("script_location", migrations.__path__[0])
    config.set_main_option("path_separator", "os")
    return [script.revision for script in ScriptDirectory.from_config(config).walk_revisions()][::-1]


def statements(path):
    """The SQL of everything in a database, as SQLite keeps it."""
    with closing(sqlite3.connect(path)) as connection:
        return sorted(
            " ".join(sql.replace('"', "").split())  # a table that was copied has its name in quotes
            for (sql,) in connection.execute("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL")
            if "alembic_version" not in sql
        )


def test_the_migrations_are_one_line():
    assert revisions()[0] == "0001"
    assert revisions() == sorted(revisions())


def test_the_migrated_database_is_the_declared_schema(store):
    with store.reading() as connection:
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "compare_server_default": True, "render_as_batch": True}
        )
        assert compare_metadata(context, metadata) == []
        assert set(sa.inspect(connection).get_table_names()) == {*metadata.tables, "alembic_version"}


def test_constraints_too(sqlite_store, tmp_path):
    """compare_metadata looks at no check, primary key or AUTOINCREMENT; SQLite's own text shows them all."""
    engine = sa.create_engine(f"sqlite:///{tmp_path}/declared.db")
    metadata.create_all(engine)
    engine.dispose()

    def parts(path):
        return sorted(
            (
                sql.split("(")[0].strip(),
                *sorted(part.strip().rstrip(",) ") for part in sql.split("(", 1)[1].split(", ")),
            )
            for sql in statements(path)
        )

    assert parts(sqlite_store.path) == parts(tmp_path / "declared.db")


@pytest.mark.parametrize("revision", revisions())
def test_a_database_of_an_older_schema_is_migrated(tmp_path, alembic, revision):
    path = tmp_path / FILE_NAME
    engine = sa.create_engine(f"sqlite:///{path}")
    with engine.begin() as connection:
        alembic.attributes["connection"] = connection
        command.upgrade(alembic, revision)
        connection.exec_driver_sql(
            "INSERT INTO trainings (id, state, submitted_at, options, rows, records_digest) "
            "VALUES ('t', 'succeeded', '2026-01-01T00:00:00.000000Z', '{}', 3, 'sha256:0')"
        )
        connection.exec_driver_sql(
            "INSERT INTO model_versions (version, training_id, created_at, digest, card, weights) "
            "VALUES (1, 't', '2026-01-01T00:00:00.000000Z', 'sha256:1', '{\"threshold\": 0.5}', x'00ff')"
        )
        connection.exec_driver_sql("INSERT INTO activations (version, activated_at) VALUES (1, 'then')")
    engine.dispose()
    store = open_store(tmp_path)
    with store.reading() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
        assert MigrationContext.configure(connection).get_current_heads() == (revisions()[-1],)
        row = connection.execute(sa.select(metadata.tables["model_versions"])).one()
        assert (row.version, row.training_id, row.card, row.weights) == (1, "t", {"threshold": 0.5}, b"\x00\xff")
    store.close()


def contents(directory):
    """The digest of every file that is not empty; the -shm file is an index that SQLite makes from the -wal file."""
    return {
        file.name: hashlib.sha256(file.read_bytes()).hexdigest()
        for file in directory.iterdir()
        if file.stat().st_size and file.suffix != ".db-shm"
    }


def refused(data_dir):
    """Opening is refused, and the message says what there is to know."""
    before = contents(data_dir)
    with pytest.raises(StoreTooNew) as refusal:
        open_store(data_dir)
    assert isinstance(refusal.value, CannotStart)
    for named in ("9042", revisions()[-1], str(data_dir / FILE_NAME)):
        assert named in str(refusal.value)
    assert contents(data_dir) == before
    return before


def test_a_newer_database_is_refused_and_left_untouched(tmp_path):
    open_store(tmp_path).close()
    with closing(sqlite3.connect(tmp_path / FILE_NAME)) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = '9042'")
    assert set(refused(tmp_path)) == {FILE_NAME}


def test_a_newer_one_that_was_killed_in_mid_work_too(tmp_path):
    """Its revision is then in the write-ahead log only."""
    open_store(tmp_path / "data").close()
    with closing(sqlite3.connect(tmp_path / "data" / FILE_NAME)) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9042'")
        connection.commit()
        copytree(tmp_path / "data", tmp_path / "killed", ignore=ignore_patterns("*-shm"))
    assert set(refused(tmp_path / "killed")) == {FILE_NAME, f"{FILE_NAME}-wal"}


def test_a_migration_that_fails_leaves_nothing(tmp_path):
    engine = sa.create_engine(f"sqlite:///{tmp_path}/half.db")
    sa.event.listen(engine, "connect", lambda connection, _: setattr(connection, "isolation_level", None))
    sa.event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))

    def migrate_with_a_table_in_the_way():
        with engine.begin() as connection:
            connection.exec_driver_sql("CREATE TABLE activations (in_the_way)")
            upgrade(connection, "the database")

    with pytest.raises(sa.exc.OperationalError, match="activations already exists"):
        migrate_with_a_table_in_the_way()
    engine.dispose()
    assert statements(tmp_path / "half.db") == []

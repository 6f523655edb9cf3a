"""The database as one SQLite file in WAL mode.

Durability: synchronous=FULL, so that a commit that has returned survives a power cut. Isolation: every write begins
with BEGIN IMMEDIATE, so that two writers queue up instead of failing half way. Deleted rows are overwritten with
zeros, because they are records of people.
"""

import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from app.errors import StoreUnusable
from app.store.data_version import DataVersion
from app.store.database import Store
from app.store.migrations.run import is_current, upgrade

FILE_NAME = "promotion.db"
BUSY_SECONDS = 10
"""How long a writer waits for another one. A commit takes milliseconds, so this is only reached when one hangs."""


class SqliteStore(Store):
    """One file; several processes of one machine may have it open."""

    def __init__(self, path: Path) -> None:
        self.path = path
        engine = sa.create_engine(sa.URL.create("sqlite", database=str(path)), connect_args={"timeout": BUSY_SECONDS})
        sa.event.listen(engine, "connect", _configure)
        sa.event.listen(engine, "begin", _begin)
        super().__init__(engine)

    def changes(self, told: Callable[[int], object]) -> DataVersion:  # noqa: ARG002 - see Store
        """Asks the file itself, every time: nobody has to be told."""
        return DataVersion(self.path, BUSY_SECONDS)

    def wipe(self) -> bool:
        """Empty the write-ahead log, which holds rows as they were before they were overwritten.

        False while somebody still reads from it. It does not wait for that: it would keep every writer waiting too.
        """
        there = f"{self.path.absolute().as_uri()}?mode=rw"  # a file that is gone is not made anew
        try:
            with closing(sqlite3.connect(there, uri=True, timeout=0)) as connection:
                busy, _, _ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        except sqlite3.Error:
            return False
        return not busy


def open_sqlite(data_dir: Path) -> SqliteStore:
    """Open the file in data_dir, made or migrated when it has to be. Several processes may do so at once.

    Raises StoreTooNew, with the file untouched, and StoreUnusable.
    """
    path = data_dir / FILE_NAME
    try:
        data_dir.mkdir(parents=True, exist_ok=True)
        if not is_current(str(path), _revisions(path)):
            _use_write_ahead_log(path)
            _migrate(path)
    except (OSError, sqlite3.Error, sa.exc.DBAPIError) as error:
        reason = error.orig if isinstance(error, sa.exc.DBAPIError) else error
        raise StoreUnusable(f"{path} cannot be used: {reason}. PROMOTION_DATA_DIR names its directory.") from error
    return SqliteStore(path)


def _revisions(path: Path) -> set[str]:
    """The revisions that the file has, without changing it."""
    if not path.exists():
        return set()
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as connection:
        try:
            rows = connection.execute("SELECT version_num FROM alembic_version").fetchall()
        except sqlite3.OperationalError:  # no such table: a file that another process is just making
            return set()
    return {revision for (revision,) in rows}


def _use_write_ahead_log(path: Path) -> None:
    """Readers and a writer do not wait for each other. Kept in the file; switching takes a moment alone with it, for
    which SQLite does not wait by itself, so processes that start together try again.
    """
    deadline = time.monotonic() + BUSY_SECONDS
    with closing(sqlite3.connect(path, timeout=BUSY_SECONDS)) as connection:
        while True:
            try:
                connection.execute("PRAGMA journal_mode=WAL")
                return
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                    raise
                time.sleep(0.01)


def _migrate(path: Path) -> None:
    """Foreign keys are off meanwhile, as SQLite's own recipe for changing a table by copying it wants
    (https://sqlite.org/lang_altertable.html, section 7), and checked before the commit.
    """
    engine = sa.create_engine(sa.URL.create("sqlite", database=str(path)), connect_args={"timeout": BUSY_SECONDS})
    sa.event.listen(engine, "connect", _configure)
    sa.event.listen(engine, "connect", lambda connection, _: connection.execute("PRAGMA foreign_keys=OFF"))
    sa.event.listen(engine, "begin", _begin)
    try:
        with engine.execution_options(writes=True).begin() as connection:
            upgrade(connection, str(path))
            if connection.exec_driver_sql("PRAGMA foreign_key_check").all():
                raise StoreUnusable(f"{path} cannot be migrated: it has references to rows that are not there.")
    finally:
        engine.dispose()


def _configure(connection: sqlite3.Connection, _: Any) -> None:
    connection.isolation_level = None  # the driver begins no transaction by itself: _begin does
    for pragma in ("synchronous=FULL", "foreign_keys=ON", "secure_delete=ON"):
        connection.execute(f"PRAGMA {pragma}")


def _begin(connection: sa.Connection) -> None:
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

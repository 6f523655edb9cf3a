"""The database: one SQLite file in WAL mode, opened, brought up to date, read and written in transactions.

Durability: synchronous=FULL, so that a commit that has returned survives a power cut. Isolation: every write begins
with BEGIN IMMEDIATE, so that two writers queue up instead of failing half way.
"""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from app.errors import StoreUnavailable, StoreUnusable
from app.store.migrations.run import refuse_newer, upgrade

FILE_NAME = "promotion.db"
BUSY_SECONDS = 10
"""How long a writer waits for another one. A commit takes milliseconds, so this is only reached when one hangs."""


class Store:
    """An open database. Any thread may use it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._engine = sa.create_engine(
            sa.URL.create("sqlite", database=str(path)), connect_args={"timeout": BUSY_SECONDS}
        )
        sa.event.listen(self._engine, "connect", _configure)
        sa.event.listen(self._engine, "begin", _begin)
        self._writer = self._engine.execution_options(writes=True)

    @contextmanager
    def reading(self) -> Iterator[sa.Connection]:
        """A transaction that sees one state of the database. Raises StoreUnavailable."""
        with _translated(), self._engine.begin() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[sa.Connection]:
        """The one writing transaction, committed when the block ends without an error. Raises StoreUnavailable."""
        with _translated(), self._writer.begin() as connection:
            yield connection

    def ping(self) -> None:
        """Raise StoreUnavailable when the database does not answer."""
        with self.reading() as connection:
            connection.execute(sa.select(1))

    def close(self) -> None:
        """Close every connection; the last one to close folds the write-ahead log into the file."""
        self._engine.dispose()


def open_store(data_dir: Path) -> Store:
    """Open the database in data_dir, made or migrated when it has to be. Several processes may do so at once.

    Raises StoreTooNew, with the file untouched, and StoreUnusable.
    """
    path = data_dir / FILE_NAME
    try:
        data_dir.mkdir(parents=True, exist_ok=True)
        refuse_newer(path)
        _use_write_ahead_log(path)
        store = Store(path)
        with store.writing() as connection:
            upgrade(connection)
    except (OSError, sqlite3.Error) as error:
        raise StoreUnusable(f"{path} cannot be used: {error}. PROMOTION_DATA_DIR names its directory.") from error
    except StoreUnavailable as error:
        raise StoreUnusable(f"{path} cannot be used: {error.detail} PROMOTION_DATA_DIR names its directory.") from error
    return store


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


def _configure(connection: sqlite3.Connection, _: Any) -> None:
    connection.isolation_level = None  # the driver begins no transaction by itself: _begin does
    for pragma in ("synchronous=FULL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")


def _begin(connection: sa.Connection) -> None:
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


@contextmanager
def _translated() -> Iterator[None]:
    """What the driver says of the file or the volume becomes ours; a broken constraint is our own mistake and stays."""
    try:
        yield
    except sa.exc.IntegrityError:
        raise
    except sa.exc.DBAPIError as error:
        raise StoreUnavailable(f"The database cannot be used: {error.orig}.") from error

"""The database as the rest of the house sees it: read and written in transactions.

Which one it is, open.py decides: SQLite in one file (sqlite.py), or PostgreSQL (postgresql.py).
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Protocol
from zlib import crc32

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import GenericFunction

from app.errors import StoreUnavailable


class Changes(Protocol):
    """A counter that moves with every activation: what the registry asks before every score."""

    settling_seconds: float
    """After how long every process that reaches the database knows of an activation that was committed."""

    def counter(self) -> int | None:
        """The counter, comparable with earlier answers of this object only; None while the database is away."""

    def close(self) -> None:
        """Stop asking."""


class Store(ABC):
    """An open database. Any thread may use it."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine
        self._reader = engine.execution_options(writes=False)
        self._writer = engine.execution_options(writes=True)

    @contextmanager
    def reading(self) -> Iterator[sa.Connection]:
        """A transaction that sees one state of the database. Raises StoreUnavailable."""
        with translated(), self._reader.begin() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[sa.Connection]:
        """A transaction that is durable when the block has ended without an error. Raises StoreUnavailable."""
        with translated(), self._writer.begin() as connection:
            yield connection

    def ping(self) -> None:
        """Raise StoreUnavailable when the database does not answer."""
        with self.reading() as connection:
            connection.execute(sa.select(1))

    def answers(self) -> bool:
        """Whether the database answers."""
        try:
            self.ping()
        except StoreUnavailable:
            return False
        return True

    @abstractmethod
    def changes(self, told: Callable[[int], object]) -> Changes:
        """A new counter of activations.

        One that does not ask the database every time calls `told` with its new value, in a thread of its own, when it
        has moved: so that what is in service is in memory when the database goes away.
        """

    @abstractmethod
    def wipe(self) -> bool:
        """Leave nothing of deleted rows in the files, where that is in our hands; False when somebody is in the way."""

    def close(self) -> None:
        """Close every connection."""
        self._engine.dispose()


def take_turn(connection: sa.Connection, name: str) -> None:
    """Wait until nobody else is in a transaction that has taken this turn; it is given back with the transaction.

    For what reads before it writes. SQLite has one writer at a time anyway.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(crc32(name.encode()))))


class database_seconds(GenericFunction[float]):  # noqa: N801 - an SQL function
    """Seconds since 1970 by the database's own clock, which all its workers and replicas share."""

    type = sa.Double()
    inherit_cache = True


@compiles(database_seconds, "sqlite")
def _sqlite_seconds(*_: object, **__: object) -> str:
    return "((julianday('now') - 2440587.5) * 86400.0)"


@compiles(database_seconds, "postgresql")
def _postgresql_seconds(*_: object, **__: object) -> str:
    return "CAST(extract(epoch FROM clock_timestamp()) AS double precision)"


@contextmanager
def translated() -> Iterator[None]:
    """What the driver says of the database becomes ours; a broken constraint is our own mistake and stays."""
    try:
        yield
    except sa.exc.IntegrityError:
        raise
    except sa.exc.DBAPIError as error:
        raise StoreUnavailable(f"The database cannot be used: {_reason(error)}.") from error
    except sa.exc.TimeoutError as error:
        raise StoreUnavailable("The database cannot be used: every connection is busy.") from error


def _reason(error: sa.exc.DBAPIError) -> str:
    """SQLite's message speaks of the volume; PostgreSQL's names hosts and users, which the caller must not learn."""
    state = getattr(error.orig, "sqlstate", None)
    if state is None and type(error.orig).__module__.startswith("psycopg"):
        return "no connection to it"
    return f"SQLSTATE {state}" if state else str(error.orig)

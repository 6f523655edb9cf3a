"""The database as a PostgreSQL server, for replicas on several machines.

Reads see one state (repeatable read); writes see what was committed before each statement (read committed), and take
turns where they read before they write. A connection that died is replaced: the pool asks each one before it lends it.
"""

from collections.abc import Callable

import sqlalchemy as sa

from app.errors import StoreTooNew, StoreUnavailable, StoreUnusable
from app.store import versions
from app.store.activation_poll import ActivationPoll
from app.store.database import Store, take_turn, translated
from app.store.migrations.run import upgrade

BUSY_SECONDS = 10
"""How long a thread waits for a connection of the pool."""
_CONNECT = {
    # Seconds, and milliseconds, after which a server that does not answer counts as away.
    "connect_timeout": 3,
    "tcp_user_timeout": 5000,
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
    # A transaction of a process that hangs must not keep the others waiting for ever.
    "options": "-c lock_timeout=10s -c idle_in_transaction_session_timeout=60s",
    "application_name": "promotion-scoring",
}


class PostgresStore(Store):
    """One database; any number of processes on any number of machines may have it open."""

    def __init__(self, url: sa.URL) -> None:
        engine = sa.create_engine(url, pool_pre_ping=True, pool_timeout=BUSY_SECONDS, connect_args=_CONNECT)
        super().__init__(engine)
        # A connection that no other work can take away.
        self._watcher = sa.create_engine(url, pool_pre_ping=True, pool_size=1, max_overflow=0, connect_args=_CONNECT)
        self._reader = engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)

    def changes(self, told: Callable[[int], object]) -> ActivationPoll:
        """Asks twice a second."""
        return ActivationPoll(self._newest_activation, told)

    def _newest_activation(self) -> int:
        with translated(), self._watcher.begin() as connection:
            return versions.newest_activation(connection)

    def close(self) -> None:
        """Close every connection."""
        self._watcher.dispose()
        super().close()

    def wipe(self) -> bool:
        """Nothing to do: VACUUM, which PostgreSQL runs by itself, frees what was deleted."""
        return True


def open_postgresql(database_url: str) -> PostgresStore:
    """Open the database, its tables made or migrated when they have to be. Several processes may do so at once.

    Raises StoreTooNew, with nothing changed, and StoreUnusable.
    """
    url = sa.make_url(database_url).set(drivername="postgresql+psycopg")
    where = f"The database {url.database} on {url.host}"
    try:
        store = PostgresStore(url)
    except ModuleNotFoundError as error:
        wanted = "PROMOTION_DATABASE_URL needs psycopg: pip install 'promotion-scoring[postgres]'."
        raise StoreUnusable(wanted) from error
    try:
        with store.writing() as connection:
            take_turn(connection, "migration")
            upgrade(connection, where)
    except StoreUnavailable as error:
        store.close()
        raise StoreUnusable(f"{where} cannot be used: {error.__cause__}. PROMOTION_DATABASE_URL names it.") from error
    except StoreTooNew:
        store.close()
        raise
    return store

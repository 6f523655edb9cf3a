"""The versions of one database, and the one in service, never stale.

The active version is one frozen value that is replaced by one assignment. Before each use the database is asked
whether anything was committed since; only then is the active row read again.
"""

from datetime import UTC, datetime
from functools import lru_cache

from app.errors import UnknownVersion
from app.registry.model_version import ModelVersion, from_row
from app.store import versions
from app.store.changes import Changes
from app.store.database import Store

VERSIONS_HELD = 64


def now() -> str:
    """The present instant in UTC, as it is stored and published."""
    return datetime.now(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


class Registry:
    """What one process knows of the model versions. Any thread may use it."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._changes = Changes(store.path)
        self._known: tuple[int | None, ModelVersion | None] = (None, None)  # the counter's value, and what held then
        self.version = lru_cache(VERSIONS_HELD)(self._version)

    def active(self) -> ModelVersion | None:
        """The version in service now; None before the first activation.

        While the database cannot be read, the version that was in service last. Raises StoreUnavailable when the
        database changed and what it holds now cannot be used.
        """
        counter = self._changes.counter()
        seen, active = self._known
        if counter is None or counter == seen:
            return active
        with self._store.reading() as connection:
            number = versions.active_number(connection)
        active = None if number is None else self.version(number)
        self._known = counter, active
        return active

    def _version(self, number: int) -> ModelVersion:
        """One version by its number. Raises UnknownVersion."""
        with self._store.reading() as connection:
            row = versions.select(connection, number)
        if row is None:
            raise UnknownVersion(f"There is no model version {number}.")
        return from_row(row)

    def page(self, limit: int, before: int | None) -> list[ModelVersion]:
        """Up to limit versions, newest first, all older than before."""
        with self._store.reading() as connection:
            return [from_row(row) for row in versions.select_page(connection, limit, before)]

    def activate(self, number: int) -> ModelVersion:
        """Put a version into service, durably. Raises UnknownVersion."""
        version = self.version(number)
        with self._store.writing() as connection:
            if versions.active_number(connection) != number:
                versions.activate(connection, number, now())
        return version

    def close(self) -> None:
        """Close the connection that watches for changes."""
        self._changes.close()

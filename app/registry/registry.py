"""The versions of one database, and the one in service, never stale.

The active version is one frozen value that is replaced by one assignment. Before each use the database is asked
whether anything was activated since; only then is the active row read again.
"""

from asyncio import get_running_loop
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

import sqlalchemy as sa

from app.clock import now
from app.digest import digest
from app.errors import NoModel, PreconditionFailed, StoreUnavailable, UnknownVersion
from app.registry import weights_file
from app.registry.model_version import ModelVersion
from app.store import versions
from app.store.database import Store

VERSIONS_HELD = 64


class Registry:
    """What one process knows of the model versions. Any thread may use it."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._known: tuple[int | None, ModelVersion | None] = (None, None)  # the counter's value, and what held then
        self._in_turn: ModelVersion | None = None
        self.version = lru_cache(VERSIONS_HELD)(self._version)
        self._changes = store.changes(told=self._read)
        self.settling_seconds = self._changes.settling_seconds
        """After how long every process of every replica knows of an activation that was committed."""

    def active(self) -> ModelVersion | None:
        """The version in service now; None before the first activation.

        While the database cannot be read, the version that was in service last. Raises StoreUnavailable when the
        database changed and what it holds now cannot be used.
        """
        counter = self._changes.counter()
        seen, active = self._known
        if counter is None or counter == seen:
            return active
        try:
            return self._read(counter)
        except StoreUnavailable:
            if self._store.answers():
                raise
            return active

    def to_score_with(self, number: int | None) -> ModelVersion:
        """The version of this number; without one, that in service. Raises UnknownVersion and NoModel."""
        if number is not None:
            return self.version(number)
        active = self.active()
        if active is None:
            raise NoModel("No model is active.")
        return active

    def to_score_with_in_turn(self, number: int | None) -> ModelVersion:
        """The same on the event loop, where the version in service is asked for once a turn of the loop.

        Whoever is answered in a turn had asked before it began. So nobody is answered with a version that had been
        replaced when he asked.
        """
        if number is not None:
            return self.version(number)
        if self._in_turn is None:
            self._in_turn = self.to_score_with(None)
            get_running_loop().call_soon(self._end_turn)
        return self._in_turn

    def _end_turn(self) -> None:
        self._in_turn = None

    def _read(self, counter: int) -> ModelVersion | None:
        """What is in service, from the database, which had this counter before."""
        with self._store.reading() as connection:
            number = versions.active_number(connection)
        active = None if number is None else self.version(number)
        self._known = counter, active
        return active

    def _version(self, number: int) -> ModelVersion:
        """One version by its number. Raises UnknownVersion."""
        with self._store.reading() as connection:
            return self._version_in(connection, number)

    @staticmethod
    def _version_in(connection: sa.Connection, number: int) -> ModelVersion:
        row = versions.select(connection, number)
        if row is None:
            raise UnknownVersion(f"There is no model version {number}.")
        return _from_row(row)

    def page(self, limit: int, before: int | None) -> list[ModelVersion]:
        """Up to limit versions, newest first, all older than before."""
        with self._store.reading() as connection:
            return [_from_row(row) for row in versions.select_page(connection, limit, before)]

    def numbers(self) -> Sequence[int]:
        """The numbers of all versions, oldest first."""
        with self._store.reading() as connection:
            return versions.select_numbers(connection)

    def activate(self, number: int, agreed: Callable[[ModelVersion | None], bool] | None = None) -> ModelVersion:
        """Put a version into service, durably, if the caller agreed to replace the one that is in service.

        Raises UnknownVersion and PreconditionFailed.
        """
        version = self.version(number)
        with self._store.writing() as connection:
            active = versions.hold_active(connection)
            if agreed and not agreed(None if active is None else self._version_in(connection, active)):
                raise PreconditionFailed("Another version is in service than the one that If-Match names.")
            if active != number:
                versions.activate(connection, number, now())
        return version

    def activations(self, limit: int, before: int | None) -> Sequence[sa.Row[Any]]:
        """Up to limit activations, newest first, all with a number below before."""
        with self._store.reading() as connection:
            return versions.select_activations(connection, limit, before)

    def close(self) -> None:
        """Stop watching for changes."""
        self._changes.close()


def _from_row(row: sa.Row[Any]) -> ModelVersion:
    """Check the weights against their digest. Raises StoreUnavailable when the file was damaged."""
    if digest(row.weights) != row.digest:
        raise StoreUnavailable(f"The weights of model version {row.version} do not match their digest.")
    return ModelVersion(
        version=row.version,
        created_at=row.created_at,
        training_id=row.training_id,
        digest=row.digest,
        threshold=row.card["threshold"],
        parameters=weights_file.decode(row.weights),
        weights_file=row.weights,
        card=row.card,
        evidence_file=row.evidence,
        report=row.report,
    )

"""A database as a service makes it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app.store.database import Store
from app.store.open import open_store
from app.store.sqlite import SqliteStore, open_sqlite


@pytest.fixture
def sqlite_store(tmp_path: Path) -> Iterator[SqliteStore]:
    """An open SQLite file of the test's own."""
    store = open_sqlite(tmp_path)
    yield store
    store.close()


@pytest.fixture
def store(database: dict[str, Any]) -> Iterator[Store]:
    """An open database of the test's own, of either kind."""
    store = open_store(**database)
    yield store
    store.close()

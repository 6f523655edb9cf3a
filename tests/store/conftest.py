"""A database as a service makes it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.store.database import Store
from app.store.open import open_store


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """An open database in a directory of the test's own."""
    store = open_store(tmp_path)
    yield store
    store.close()

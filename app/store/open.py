"""Open the database that the settings name."""

from pathlib import Path

from app.store.database import Store
from app.store.postgresql import open_postgresql
from app.store.sqlite import open_sqlite


def open_store(data_dir: Path, database_url: str | None = None) -> Store:
    """PostgreSQL when there is a URL, else SQLite in data_dir; brought up to this release's schema.

    Raises StoreTooNew and StoreUnusable.
    """
    return open_sqlite(data_dir) if database_url is None else open_postgresql(database_url)

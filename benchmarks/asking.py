"""What never being stale costs: the question before every score, beside reading the active version's number."""

from __future__ import annotations

import statistics
import tempfile
from contextlib import closing
from pathlib import Path

from app.registry.registry import Registry
from app.store import versions
from app.store.database import Store
from app.store.sqlite import open_sqlite
from benchmarks.table import Row, compare, seconds


def run(quick: bool) -> list[Row]:
    """SQLite, a database that nobody writes to meanwhile."""
    times, rounds = (100, 1) if quick else (10_000, 5)
    with tempfile.TemporaryDirectory() as directory, closing(open_sqlite(Path(directory))) as store:
        registry = Registry(store)
        try:
            ask = lambda: [registry.active() for _ in range(times)]  # noqa: E731
            each = statistics.median(seconds(ask) for _ in range(rounds)) / times
            row = compare(
                f"ask whether the model changed, {times:,} times ({each * 1e6:.1f} µs each)",
                ask,
                lambda: [_read(store) for _ in range(times)],
                baseline_name="reading the active version's number",
                target=None,
                rounds=rounds,
            )
        finally:
            registry.close()
    return [row]


def _read(store: Store) -> int | None:
    with store.reading() as connection:
        return versions.active_number(connection)

"""The tables of an audit as CSV, a row a category: those of all decisions, then those of each pool."""

import io
from collections.abc import Iterator
from typing import Any

from app.api.bodies.csv_cells import quoted
from app.impact.tables import Category

_NUMBERS = (
    "n", "selected", "rate", "impact_ratio", "reference", "excluded", "z", "z_beyond_1_96", "z_beyond_2", "fisher_p",
    "mid_p", "test", "p", "holm_p",
)  # fmt: skip
COLUMNS = (
    "pool", "table", "category", *_NUMBERS, "ratio_low", "ratio_high", "shortfall", "one_person_flips", "verdict",
    "explanation", "bounds.low", "bounds.high", "bounds.exact", "bounds.unknowns_to_flip",
)  # fmt: skip


def write_csv(document: dict[str, Any]) -> str:
    """The rows under a header; `pool` is empty for all decisions."""
    text = io.StringIO()
    text.write(",".join(COLUMNS) + "\n")
    parts = [("", document["tables"]), *((of["pool"], of["tables"]) for of in document.get("pools", ()))]
    for pool, tables in parts:
        for table, rows in tables.items():
            for row in rows:
                text.write(",".join(map(_text, (pool, table, *_cells(row)))) + "\n")
    return text.getvalue()


def _cells(row: Category) -> Iterator[Any]:
    yield row.category
    yield from (getattr(row, name) for name in _NUMBERS)
    yield from row.ratio_interval or (None, None)
    yield from (row.shortfall, row.one_person_flips, row.verdict, row.explanation)
    bounds = row.bounds
    yield from (None,) * 4 if bounds is None else (bounds.low, bounds.high, bounds.exact, bounds.unknowns_to_flip)


def _text(cell: Any) -> str:
    if cell is None:
        return ""
    return str(cell).lower() if isinstance(cell, bool) else quoted(str(cell))

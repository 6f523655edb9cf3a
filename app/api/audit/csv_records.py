"""Decisions as CSV: sex, race_ethnicity, pool, count, and selected, or score, or what the service scores.

Row by row, as csv_careful.py reads every file. An audit is made now and then, and its labels are text, which the fast
reader of numbers does not know.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from app.api.audit.labels import TOO_LONG, UNKNOWN, Labels, TooMany, people_of
from app.api.audit.schema import FIELDS, LARGEST_SCORE, MOST_COUNT, Basis
from app.api.bodies.csv_careful import (
    BLOCK_ROWS,
    Faults,
    Row,
    decisions_in,
    header_of,
    numbers_in,
    of_width,
    places_of,
    refuse,
)
from app.api.bodies.csv_careful import rows_of as rows_of_file
from app.api.bodies.fields import LONGEST_ID
from app.errors import CsvFault, InvalidRecords
from app.impact.audit import People
from app.inputs import HIGHEST, NAMES
from app.network.parameters import Array


def read_decisions(names: Mapping[str, str], body: bytes) -> tuple[People, Basis, Array]:
    """The people, the basis and the values of a CSV body, as Decisions has them.

    `names` gives the file's name of a field where it differs. Raises InvalidRecords.
    """
    rows = rows_of_file(body)
    line, header = header_of(rows)
    basis = _basis(line, header, names)
    wanted = ["sex", "race_ethnicity", *FIELDS[basis]]
    optional = [field for field in ("pool", "count") if field in names or field in header]
    named = {field: names.get(field, field) for field in wanted + optional}
    places = places_of(line, header, list(named.values()))
    labels = {field: Labels(field) for field in ("sex", "race_ethnicity", "pool")}
    faults, codes, counts, values = Faults(), [], [], []
    try:
        while block := list(islice(rows, BLOCK_ROWS)):
            block = of_width(block, len(header), faults)
            reader = _Block(block, named, places, faults)
            codes.append(np.array([reader.codes(field, of) for field, of in labels.items()]))
            counts.append(reader.counts())
            values.append(np.column_stack([reader.values(field) for field in FIELDS[basis]]))
            faults.end_block()
        faults.raise_if_any()
        if not codes or not sum(map(len, counts)):
            refuse(line, None, "There should be at least one decision")
        code = np.concatenate(codes, axis=1)
        people = people_of(list(labels.values()), list(code), np.concatenate(counts))
    except TooMany as error:
        raise InvalidRecords([CsvFault(line, None, str(error))]) from None
    return people, basis, np.concatenate(values)


def _basis(line: int, header: list[str], names: Mapping[str, str]) -> Basis:
    """What the file holds; where its columns allow several, what an option names. Raises InvalidRecords."""
    asked = [basis for basis, fields in FIELDS.items() if any(field in names for field in fields)]
    given = asked or [basis for basis, fields in FIELDS.items() if any(field in header for field in fields)]
    if len(given) != 1:
        what = "has more than one of them; column.… says which counts" if given else "has none of them"
        refuse(line, None, f"There should be a column selected, or score, or {' and '.join(NAMES)}; the file {what}")
    return given[0]


class _Block:
    """Some rows of the file, column by column; every fault by row and column."""

    def __init__(self, rows: list[Row], named: Mapping[str, str], places: Mapping[str, int], faults: Faults) -> None:
        self._rows = rows
        self._named = named
        self._places = places
        self._faults = faults

    def codes(self, field: str, labels: Labels) -> NDArray[np.intp]:
        if field not in self._named:
            return np.full(len(self._rows), UNKNOWN)
        codes = labels.codes(self._cells(field))
        self._name(field, codes != TOO_LONG, f"have at most {LONGEST_ID} characters")
        return codes

    def counts(self) -> NDArray[np.int64]:
        if "count" not in self._named:
            return np.ones(len(self._rows), np.int64)
        numbers = numbers_in([cell.strip() for cell in self._cells("count")])
        right = (numbers >= 1) & (numbers <= MOST_COUNT) & (numbers == np.trunc(numbers))
        self._name("count", right, f"be a whole number from 1 to {MOST_COUNT}")
        return np.where(right, numbers, 1).astype(np.int64)

    def values(self, field: str) -> NDArray[np.float64]:
        cells = [cell.strip() for cell in self._cells(field)]
        if field == "selected":
            numbers = decisions_in(cells)
            self._name(field, ~np.isnan(numbers), "be true, false, yes, no, y, n, 1 or 0")
            return numbers
        numbers = numbers_in(cells)
        if field == "score":
            self._name(field, np.abs(numbers) <= LARGEST_SCORE, f"be a number, at most {LARGEST_SCORE:g} in size")
        else:
            right = (numbers >= 0) & (numbers <= HIGHEST[field])
            self._name(field, right, f"be a number from 0 to {HIGHEST[field]}")
        return numbers

    def _cells(self, field: str) -> list[str]:
        place = self._places[self._named[field]]
        return [cells[place] for _, cells in self._rows]

    def _name(self, field: str, right: NDArray[np.bool_], should: str) -> None:
        for i in np.flatnonzero(~right):
            self._faults.add(self._rows[i][0], self._named[field], f"The cell should {should}")

"""The reader of every CSV file: row by row through the standard library, and every fault by row and column.

Quotes, lines, and what is wrong with them are the csv module's business. In blocks of rows, so that only a block's
cells are in memory as text at any moment. A microsecond and a half a row: csv_fast.py is asked first.
"""

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import NoReturn

import numpy as np

from app.api.bodies.csv_cells import CsvCells
from app.api.bodies.fields import DECISIONS, LONGEST_ID
from app.errors import ERRORS_LISTED, CsvFault, InvalidRecords
from app.inputs import HIGHEST
from app.network.parameters import Array

BLOCK_ROWS = 8192
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)
_BEGINS_LIKE_A_NUMBER = re.compile(r"[+-]?[.,]?\d")

Row = tuple[int, list[str]]
"""The line on which a record begins, and its cells."""


class Faults:
    """The first faults in the order of the file, and the count of all of them."""

    def __init__(self) -> None:
        self.first: list[CsvFault] = []
        self.count = 0

    def add(self, row: int, column: str | None, message: str) -> None:
        """Note one."""
        self.count += 1
        self.first.append(CsvFault(row, column, message))

    def end_block(self) -> None:
        """Keep the first. Within a block they come column by column, so only its end shows which those are."""
        self.first.sort(key=lambda fault: fault.row)
        del self.first[ERRORS_LISTED:]

    def raise_if_any(self) -> None:
        """Raises InvalidRecords."""
        if self.count:
            raise InvalidRecords(self.first, self.count)


def read_rows(body: bytes, named: Mapping[str, str], id_name: str, needs_id: bool) -> tuple[CsvCells, Array]:
    """The ids and the columns (n, len(named)) of a body.

    `named` gives the file's name of every field; there may be a column `id_name`, or has to be. Raises InvalidRecords.
    """
    rows = rows_of(body)
    line, header = header_of(rows)
    places = places_of(line, header, list(named.values()))
    if id_name in header or needs_id:
        places |= places_of(line, header, [id_name])
    faults = Faults()
    ids = [CsvCells.of([])]
    blocks = [np.empty((0, len(named)))]
    while block := list(islice(rows, BLOCK_ROWS)):
        block = of_width(block, len(header), faults)
        ids.append(CsvCells.of(_ids(block, places.get(id_name), id_name, faults)))
        columns = [_column(block, places[name], field, name, faults) for field, name in named.items()]
        blocks.append(np.column_stack(columns))
        faults.end_block()
    faults.raise_if_any()
    return CsvCells.joined(ids), np.concatenate(blocks)


def header_of(rows: Iterator[Row]) -> Row:
    """The first row, without spaces around the names. Raises InvalidRecords."""
    line, header = next(rows, (1, []))
    if not header:
        refuse(1, None, "The body is empty: the first row must name the columns")
    return line, [name.strip() for name in header]


def refuse(row: int, column: str | None, message: str) -> NoReturn:
    """Raises InvalidRecords with one fault."""
    raise InvalidRecords([CsvFault(row, column, message)])


def rows_of(body: bytes) -> Iterator[Row]:
    """Every row that is not blank. The bytes become text a little at a time."""
    try:
        body.decode()
    except UnicodeDecodeError as error:
        line = body.count(b"\n", 0, error.start) + 1
        refuse(line, None, "The line holds bytes that are not UTF-8")
    reader = csv.reader(io.TextIOWrapper(io.BytesIO(body), "utf-8-sig", newline=""), strict=True)
    begins = 1
    try:
        for cells in reader:
            if cells:
                yield begins, cells
            begins = reader.line_num + 1
    except csv.Error as error:
        refuse(begins, None, f"The row cannot be read: {error}")


def places_of(line: int, header: list[str], wanted: list[str]) -> dict[str, int]:
    """Where each wanted column stands. What the file has is told only when its first line reads as a header: a line
    of data is never echoed.
    """
    missing = [name for name in wanted if header.count(name) != 1]
    if not missing:
        return {name: header.index(name) for name in wanted}
    has = f"; the file has the columns {', '.join(header)}" if _reads_as_header(header) else ""
    raise InvalidRecords(
        [
            CsvFault(line, name, f"The column is {'given more than once' if name in header else 'missing'}{has}")
            for name in missing
        ]
    )


def _reads_as_header(cells: list[str]) -> bool:
    """Whether no record could look like this: it would hold a number, however it is written (82 %, 6,5, a date, one of
    a semicolon file cut at its decimal comma), and a single cell tells nothing.
    """
    return len(cells) > 1 and not any(
        cell == "" or len(cell) > LONGEST_ID or _BEGINS_LIKE_A_NUMBER.match(cell) or cell.lower() in DECISIONS
        for cell in cells
    )


def of_width(block: list[Row], width: int, faults: Faults) -> list[Row]:
    """The rows that have as many cells as the header."""
    if all(len(cells) == width for _, cells in block):
        return block
    for line, cells in block:
        if len(cells) != width:
            faults.add(line, None, f"The row has {len(cells)} cells, the header has {width}")
    return [(line, cells) for line, cells in block if len(cells) == width]


def _ids(block: list[Row], place: int | None, name: str, faults: Faults) -> list[str]:
    if place is None:
        return [""] * len(block)
    for line, cells in block:
        if len(cells[place]) > LONGEST_ID:
            faults.add(line, name, f"The id should have at most {LONGEST_ID} characters")
    return [cells[place] for _, cells in block]


def _column(block: list[Row], place: int, field: str, name: str, faults: Faults) -> Array:
    """The numbers in one column of a block; NaN where there is none, which is named as a fault."""
    cells = [cells[place].strip() for _, cells in block]
    if field == "promoted":
        numbers = decisions_in(cells)
        right, should_be = ~np.isnan(numbers), "true, false, yes, no, y, n, 1 or 0"
    else:
        highest = HIGHEST[field]
        numbers = numbers_in(cells)
        right, should_be = (numbers >= 0) & (numbers <= highest), f"a number from 0 to {highest}"
    for i in np.flatnonzero(~right):
        faults.add(block[i][0], name, f"The cell should be {should_be}")
    return numbers


def decisions_in(cells: Sequence[str]) -> Array:
    """Decisions as 1 and 0; NaN where a cell is none."""
    return np.array([DECISIONS.get(cell.lower(), np.nan) for cell in cells])


def numbers_in(cells: Sequence[str]) -> Array:
    """Numbers; NaN where a cell is none."""
    return np.array([float(cell) if _NUMBER.fullmatch(cell) else np.nan for cell in cells])

"""The fast reader: of CSV files that are plain and entirely good; of every other file it says None, never why.

Plain: UTF-8, every line a record with as many cells as the header, and no quotes but around whole cells that would do
without. Then each comma and each line's end separates cells, and where they stand tells where the ids are. The numbers
are read by numpy.loadtxt: it is installed anyway, reads a number in 40 ns, gives the very bits of Python's float(), and
takes nothing that csv_rows.py would refuse but nan and inf, which no range holds. What else there is, how fast and how
large: benchmarks/README.md.

Read in blocks: what is needed on the way stays in the processor's cache, and a large file lets other threads have the
interpreter between two of them.
"""

import csv
import io
from collections.abc import Mapping
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from app.api.csv_cells import Bytes, CsvCells, Places
from app.api.records import DECISIONS, HIGHEST, LONGEST_ID
from app.network.parameters import Array

_BLOCK_BYTES = 1 << 17
"""No line is longer, and so no cell than the csv module allows."""
_COMMA, _LINE_END, _RETURN, _QUOTE = b',\n\r"'


def read_plain(body: bytes, named: Mapping[str, str], id_name: str, needs_id: bool) -> tuple[CsvCells, Array] | None:
    """The ids and the columns, or None for a file that csv_rows.py has to read. See there."""
    end = body.find(b"\n") + 1
    if not 0 < end <= _BLOCK_BYTES or body.count(b"\r") != body.count(b"\r\n"):
        return None
    try:
        (header,) = csv.reader([body[:end].decode("utf-8-sig")], strict=True)
        header = [name.strip() for name in header]
        wanted = [*named.values(), *([id_name] if needs_id or id_name in header else [])]
        if len(header) < 2 or any(header.count(name) != 1 for name in wanted):
            return None
        fields = {field: header.index(name) for field, name in named.items()}
        id_place = header.index(id_name) if id_name in wanted else None
        rows = body.count(b"\n", end) + (body[-1] != _LINE_END)
        if rows * 2 * len(fields) > len(body):  # not even room for a digit in every cell
            return None
        ids = CsvCells(body, np.empty(rows, np.int64), np.empty(rows, np.int16))
        columns = np.empty((rows, len(fields)))
        row = 0
        while end < len(body):
            begin, end = end, _end_of_block(body, end)
            block = body[begin:end] + (b"" if body[end - 1] == _LINE_END else b"\n")
            starts, lengths = _ids(block, len(header), id_place)
            here = slice(row, row + len(starts))
            ids.starts[here] = starts + begin
            ids.lengths[here] = lengths
            columns[here] = _numbers(block, len(starts), fields)
            row = here.stop
    except (ValueError, KeyError, csv.Error):
        return None
    return ids, columns


def _end_of_block(body: bytes, begin: int) -> int:
    """Behind the last line's end of the next block. Raises ValueError where a line is longer than that."""
    last = begin + _BLOCK_BYTES
    return len(body) if last >= len(body) else body.rindex(b"\n", begin, last) + 1


def _ids(block: bytes, width: int, place: int | None) -> tuple[Places, Places]:
    """Where in the block each record's id begins, and its length; 0 where there is none.

    Raises ValueError unless the block is UTF-8 and all its lines have that width.
    """
    block.decode()
    text: Bytes = np.frombuffer(block, np.uint8)
    separators = np.flatnonzero((text == _COMMA) | (text == _LINE_END)).reshape(-1, width)
    kinds = text[separators]
    if (kinds[:, :-1] != _COMMA).any() or (kinds[:, -1] != _LINE_END).any():
        raise ValueError
    if quotes := block.count(_QUOTE):
        quoted = sum(int(_quoted(text, *_column(text, separators, k)).sum()) for k in range(width))
        if quotes != 2 * quoted:  # another one is somewhere within a cell
            raise ValueError
    if place is None:
        return np.zeros(len(separators), np.int64), np.zeros(len(separators), np.int64)
    starts, ends = _column(text, separators, place)
    quotes_before = _quoted(text, starts, ends)
    lengths = ends - starts - 2 * quotes_before
    if (lengths > LONGEST_ID).any():  # that many bytes may still be few enough characters
        raise ValueError
    return starts + quotes_before, lengths


def _column(text: Bytes, separators: Places, place: int) -> tuple[Places, Places]:
    """Where the cells of a column begin, and where they end."""
    ends = separators[:, place]
    starts = separators[:, place - 1] + 1 if place else np.append(0, separators[:-1, -1] + 1)
    return starts, ends - (text[ends - 1] == _RETURN)


def _quoted(text: Bytes, starts: Places, ends: Places) -> NDArray[np.bool_]:
    """Which cells stand in quotes."""
    quoted: NDArray[np.bool_] = (ends - starts >= 2) & (text[starts] == _QUOTE) & (text[ends - 1] == _QUOTE)
    return quoted


def _numbers(block: bytes, rows: int, fields: Mapping[str, int]) -> Array:
    """The columns. Raises ValueError or KeyError where a cell is not what it should be."""
    numbers = np.loadtxt(
        io.BytesIO(block.replace(b'"', b"")),
        delimiter=",",
        comments=None,
        usecols=tuple(fields.values()),
        converters={place: _decision for field, place in fields.items() if field == "promoted"},
        ndmin=2,
    )
    highest = np.array([HIGHEST.get(field, 1) for field in fields])
    if len(numbers) != rows or not ((numbers >= 0) & (numbers <= highest)).all():
        raise ValueError
    return numbers


@lru_cache(128)
def _decision(cell: str) -> float:
    return DECISIONS[cell.strip().lower()]

"""The fast reader: of CSV files that are plain and entirely good; of every other file it says None, never why.

Plain: UTF-8, every line a record with as many cells as the header, and no quotes but around whole cells that would do
without. Then each comma and each line's end separates cells, and where they stand tells where the ids are. Numbers are
read by csv_decimals.py, all at once; a column that has others than plain decimals by numpy.loadtxt, which gives the
very bits of Python's float() too, and takes nothing that csv_careful.py would refuse but nan and inf, which no range
holds. What else there is, how fast and how large: benchmarks/README.md.

Read in blocks: what is needed on the way stays in the processor's cache, and a large file lets other threads have the
interpreter between two of them.
"""

import csv
import io
from collections.abc import Mapping
from functools import lru_cache

import numpy as np

from app.api.bodies.csv_block import CsvBlock
from app.api.bodies.csv_cells import CsvCells
from app.api.bodies.csv_decimals import read_decimals
from app.api.bodies.fields import DECISIONS, LONGEST_ID
from app.inputs import HIGHEST
from app.network.parameters import Array

_BLOCK_BYTES = 1 << 18
_LINE_END = ord("\n")


def read_plain(body: bytes, named: Mapping[str, str], id_name: str, needs_id: bool) -> tuple[CsvCells, Array] | None:
    """The ids and the columns, or None for a file that csv_careful.py has to read. See there."""
    end = body.find(b"\n") + 1
    if not 0 < end <= _BLOCK_BYTES or (b"\r" in body and body.count(b"\r") != body.count(b"\r\n")):
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
        ids = CsvCells(body, np.zeros(rows, np.int64), np.zeros(rows, np.int16))
        columns = np.empty((rows, len(fields)))
        row = 0
        while end < len(body):
            begin, end = end, _end_of_block(body, end)
            block = CsvBlock(body[begin:end] + (b"" if body[end - 1] == _LINE_END else b"\n"), len(header))
            here = slice(row, row + len(block))
            if id_place is not None:
                starts, lengths = block.column(id_place)
                if (lengths > LONGEST_ID).any():  # that many bytes may still be few enough characters
                    return None
                ids.starts[here], ids.lengths[here] = starts + begin, lengths
            columns[here] = _numbers(block, fields)
            row = here.stop
    except (ValueError, KeyError, csv.Error):
        return None
    return ids, columns


def _end_of_block(body: bytes, begin: int) -> int:
    """Behind the last line's end of the next block. Raises ValueError where a line is longer than that."""
    last = begin + _BLOCK_BYTES
    return len(body) if last >= len(body) else body.rindex(b"\n", begin, last) + 1


def _numbers(block: CsvBlock, fields: Mapping[str, int]) -> Array:
    """The columns. Raises ValueError or KeyError where a cell is not what it should be."""
    numbers, unread = np.empty((len(block), len(fields))), []
    for k, (field, place) in enumerate(fields.items()):
        starts, lengths = block.column(place)
        if field == "promoted":
            cells = zip(starts.tolist(), (starts + lengths).tolist(), strict=True)
            numbers[:, k] = [_decision(block.source[start:end]) for start, end in cells]
        elif (decimals := read_decimals(block.text, starts, lengths)) is not None:
            numbers[:, k] = decimals
        else:
            unread.append(k)
    if unread:
        places = list(fields.values())
        lines = io.BytesIO(block.source.replace(b'"', b""))
        numbers[:, unread] = np.loadtxt(
            lines, delimiter=",", comments=None, usecols=[places[k] for k in unread], ndmin=2
        )  # fmt: skip
    highest = np.array([HIGHEST.get(field, 1) for field in fields])
    if not ((numbers >= 0) & (numbers <= highest)).all():
        raise ValueError
    return numbers


@lru_cache(128)
def _decision(cell: bytes) -> float:
    return DECISIONS[cell.decode().strip().lower()]

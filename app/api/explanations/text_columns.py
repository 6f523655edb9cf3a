"""Rows of text, laid out column by column and joined once.

What is said of 10,000 employees is computed as columns of numbers. Making a Python object of each field, and text of
the object, would cost ten times what the numbers did. So each column is made text by itself: numbers by one call of
orjson, 30 ns each, what recurs once for all whom it is said of. Every piece of a row then is bytes that exist already,
and to join them takes 10 ns a piece. For the same reason what stands between two fields, always the same, goes along
with one of them where that one recurs.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray

from app.network.parameters import Array
from app.network.rows import blocks

_JOINED_ROWS = 512

Column = bytes | list[bytes]
"""The same piece in every row, or one for each."""

Texts = Callable[[NDArray[Any]], Sequence[bytes]]
"""From distinct values to the text of each."""

Part = tuple[NDArray[np.intp], Array, Texts]
"""Some rows, their values, and the texts of these."""


def numbers(values: Array) -> list[bytes]:
    """Values (n,) or (n, k) with the fewest digits that give the same number again; k values with commas between."""
    text = orjson.dumps(np.ascontiguousarray(values), option=orjson.OPT_SERIALIZE_NUMPY)
    if b"+" in text:
        text = text.replace(b"e+", b"e")  # as msgspec writes from 1e16 on
    return text[1:-1].split(b",") if values.ndim == 1 else text[2:-2].split(b"],[")


def repeated(values: Array | NDArray[np.int64], texts: Texts) -> list[bytes]:
    """The text of each of values (n,), made once for those that are equal bit for bit."""
    distinct, places = _distinct(values)
    return picked(texts(distinct), places)


def repeated_in_parts(n: int, parts: Iterable[Part]) -> list[bytes]:
    """The same of n rows in parts, each with texts of its own; nothing in rows of none."""
    written, at = [b""], np.zeros(n, dtype=np.intp)
    for rows, values, texts in parts:
        distinct, places = _distinct(values)
        at[rows] = places + len(written)
        written += texts(distinct)
    return picked(written, at)


def _distinct(values: Array | NDArray[np.int64]) -> tuple[NDArray[Any], NDArray[np.intp]]:
    """The distinct ones, and for each of the values which of them it is."""
    bits = np.ascontiguousarray(values).view(np.int64)  # -0.0 is not 0.0
    distinct, places = np.unique(bits, return_inverse=True)
    return distinct.view(values.dtype), places


def framed(before: bytes, after: bytes = b"") -> Texts:
    """Numbers between what always stands before and after."""
    return lambda distinct: [before + text + after for text in numbers(distinct)]


def picked(texts: Sequence[bytes], places: NDArray[np.integer[Any]]) -> list[bytes]:
    """For each place (n,) the text there."""
    table = np.array(texts, dtype=object)
    pieces: list[bytes] = table[places].tolist()
    return pieces


def spread(column: Column, rows: NDArray[np.intp], n: int) -> list[bytes]:
    """A column of some of n rows as one of all; of the others it says nothing."""
    pieces = np.full(n, b"", dtype=object)
    pieces[rows] = column
    whole: list[bytes] = pieces.tolist()
    return whole


def rows_of(columns: Sequence[Column], n: int) -> Iterator[bytes]:
    """The columns side by side, n rows one after another; some at a time, because a join keeps 80 bytes for each piece
    that it joins, and to touch new memory takes longer than to fill it.
    """
    width = len(columns)
    for rows in blocks(n, _JOINED_ROWS):
        some = min(rows.stop, n) - rows.start
        pieces = [b""] * (width * some)
        for k, column in enumerate(columns):
            pieces[k::width] = [column] * some if isinstance(column, bytes) else column[rows]
        yield b"".join(pieces)


def answer_of(parts: Iterable[bytes]) -> memoryview:
    """The parts of a long answer, one after another. NumPy asks for memory in large pages; with small ones to get ten
    megabytes takes as long as to write them.
    """
    whole = np.concatenate([np.frombuffer(part, np.uint8) for part in parts])
    return whole.data

"""What is said of many employees, as columns of text.

What is said of 10,000 employees is computed as columns of numbers. Making a Python object of each field, and text of
the object, would cost ten times what the numbers did. So each column is made text by itself: numbers by one call of
orjson, 30 ns each; what recurs, once for all of whom it is said. text_rows.py joins the columns.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray

from app.network.parameters import Array


@dataclass(frozen=True, eq=False)
class Picked:
    """In each row one of some texts: before + texts[places[row]] + after, places (n,)."""

    texts: Sequence[bytes]
    places: NDArray[np.intp]
    before: bytes = b""
    after: bytes = b""

    @property
    def framed(self) -> Sequence[bytes]:
        """The texts with what stands before and after."""
        return [self.before + text + self.after for text in self.texts]

    @property
    def rows(self) -> list[bytes]:
        """The text of each row (n,)."""
        rows: list[bytes] = np.array(self.framed, dtype=object)[self.places].tolist()
        return rows


Piece = bytes | list[bytes] | Array | Picked
"""A piece of the text of n rows: the same in every row; one for each; a number in each, (n,); or one of some."""

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


def truths(values: NDArray[np.bool_]) -> Picked:
    """`true` or `false` in each row (n,)."""
    return Picked((b"false", b"true"), values.astype(np.intp))


def repeated(values: Array, texts: Texts = numbers) -> Picked:
    """The text of each of values (n,), made once for those that are equal bit for bit."""
    distinct, places = _distinct(values)
    return Picked(texts(distinct), places)


def counted(codes: NDArray[np.intp], texts: Texts) -> Picked:
    """The same of whole numbers (n,) from 0 on that are small: to count them takes a fifth of sorting them."""
    distinct = np.flatnonzero(np.bincount(codes))
    place_of = np.empty(int(distinct[-1]) + 1 if len(distinct) else 0, dtype=np.intp)
    place_of[distinct] = np.arange(len(distinct))
    return Picked(texts(distinct), place_of[codes])


def repeated_in_parts(n: int, parts: Iterable[Part]) -> Picked:
    """The same of n rows in parts, each with texts of its own; nothing in rows of none."""
    written, places = [b""], np.zeros(n, dtype=np.intp)
    for rows, values, texts in parts:
        distinct, which = _distinct(values)
        places[rows] = which + len(written)
        written += texts(distinct)
    return Picked(written, places)


def _distinct(values: Array) -> tuple[NDArray[Any], NDArray[np.intp]]:
    """The distinct ones, and for each of the values which of them it is."""
    bits = np.ascontiguousarray(values).view(np.int64)  # -0.0 is not 0.0
    distinct, places = np.unique(bits, return_inverse=True)
    return distinct.view(values.dtype), places

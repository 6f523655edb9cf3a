"""Where the cells are in a block of lines of a plain CSV file: each comma and each line's end separates two."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from app.api.bodies.csv_cells import Bytes, Places

_LONGEST_LINE = 1 << 17
"""Bytes. So no cell is longer than the csv module allows."""
_COMMA, _LINE_END, _RETURN, _QUOTE = b',\n\r"'


class CsvBlock:
    """Whole lines, each of them a record with as many cells as the header."""

    def __init__(self, source: bytes, width: int) -> None:
        """Raises ValueError unless they are UTF-8, so wide, and without quotes but around whole cells."""
        source.decode()
        self.source = source
        self.text: Bytes = np.frombuffer(source, np.uint8)
        self._ends = np.flatnonzero((self.text == _COMMA) | (self.text == _LINE_END)).reshape(-1, width)
        kinds = self.text[self._ends]
        if (kinds[:, :-1] != _COMMA).any() or (kinds[:, -1] != _LINE_END).any():
            raise ValueError
        if np.diff(self._ends[:, -1], prepend=-1).max() > _LONGEST_LINE:
            raise ValueError
        self._has_returns, quotes = b"\r" in source, source.count(b'"')
        self._has_quotes = quotes > 0
        if quotes and quotes != 2 * sum(int(self._quoted(*self._as_written(k)).sum()) for k in range(width)):
            raise ValueError  # another one is somewhere within a cell

    def __len__(self) -> int:
        return len(self._ends)

    def column(self, place: int) -> tuple[Places, Places]:
        """Where the cells of a column begin, and their lengths, without the quotes around them."""
        starts, lengths = self._as_written(place)
        if not self._has_quotes:
            return starts, lengths
        quoted = self._quoted(starts, lengths)
        return starts + quoted, lengths - 2 * quoted

    def _as_written(self, place: int) -> tuple[Places, Places]:
        ends = self._ends[:, place]
        starts = self._ends[:, place - 1] + 1 if place else np.append(0, self._ends[:-1, -1] + 1)
        if self._has_returns:
            ends = ends - (self.text[ends - 1] == _RETURN)
        return starts, ends - starts

    def _quoted(self, starts: Places, lengths: Places) -> NDArray[np.bool_]:
        ends = starts + lengths
        quoted: NDArray[np.bool_] = (lengths >= 2) & (self.text[starts] == _QUOTE) & (self.text[ends - 1] == _QUOTE)
        return quoted

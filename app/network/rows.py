"""The rows that a loss sums over, and how they are gone through."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.network.parameters import Array

Indices = NDArray[np.int64]

BLOCK = 1 << 16
"""Rows at a time: temporaries of all rows would come from the system, page by page, at several times the cost."""


def blocks(n: int, rows: int = BLOCK) -> list[slice]:
    """All n rows, so many at a time."""
    return [slice(first, first + rows) for first in range(0, n, rows)]


@dataclass(frozen=True, eq=False)
class Rows:
    """X (d+1, n) standardised columns and a row of ones; counts (n,); promoted (n,), how many of the count."""

    X: Array
    counts: Array
    promoted: Array

    def __len__(self) -> int:
        """Distinct rows."""
        return int(self.counts.size)

    def part(self, which: slice | Indices) -> Rows:
        """Some of the rows."""
        return Rows(self.X[:, which], self.counts[which], self.promoted[which])

    def in_single_precision(self) -> Rows:
        """The same in four bytes a number: twice as many fit into a register and into the cache."""
        return Rows(self.X.astype("f4"), self.counts.astype("f4"), self.promoted.astype("f4"))

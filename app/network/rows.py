"""The rows that a loss sums over."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.network.parameters import Array

Indices = NDArray[np.int64]


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

"""The categories of a table on a grid, sexes down and races along, and the unknowns beside it.

A table of one attribute is a grid of one line. Somebody whose sex alone is known can only be in its line.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from app.impact.placing import Supply
from app.impact.tally import Counts


@dataclass(frozen=True, eq=False)
class Grid:
    """n, selected (S, R): known in full. `chosen` and `others`: unknowns who were selected, and who were not."""

    n: Counts
    selected: Counts
    chosen: Supply
    others: Supply

    @classmethod
    def of_one(cls, n: Counts, selected: Counts) -> Grid:
        """Of counts by one attribute (K+1,), the unknown last."""
        nowhere = np.zeros(1, np.int64), np.zeros(len(n) - 1, np.int64)
        supplies = [Supply(*nowhere, int(of[-1])) for of in (selected, n - selected)]
        return cls(n[None, :-1], selected[None, :-1], *supplies)

    @classmethod
    def of_two(cls, n: Counts, selected: Counts) -> Grid:
        """Of a tally's counts (S+1, R+1)."""
        supplies = [Supply(of[:-1, -1], of[-1, :-1], int(of[-1, -1])) for of in (selected, n - selected)]
        return cls(n[:-1, :-1], selected[:-1, :-1], *supplies)

    def place(self, c: int) -> tuple[int, int]:
        """Line and column of category c."""
        line, column = divmod(c, self.n.shape[1])
        return line, column

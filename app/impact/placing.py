"""Unknowns on a grid of categories: who may be where, and whether as many as are wanted may be there.

Those whose sex alone is known can be anywhere in its line, those whose race or ethnicity alone is known anywhere in its
column, the others anywhere. Whether they can meet a demand D of each cell is a question of flow: by the theorem of
maximal flow and minimal cut (Ford and Fulkerson 1956) they can where no set Y of lines wants more than there may be:

    Σ_r max(0, Σ_{s∈Y} D_sr − columns_r)  ≤  Σ_{s∈Y} lines_s + anywhere        for every Y
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.impact.tally import Counts
from app.network.parameters import Array

_HALVINGS = 64
"""From a twelfth power of ten to the last bit of a double, on a logarithmic scale."""
_MORE_THAN_THERE_ARE = 2.0**40
_SETS_AT_ONCE = 64

Cell = tuple[int, int]
Group = tuple[int, list[Cell]]
"""So many people, and the cells in which each of them can be."""


@dataclass(frozen=True, eq=False)
class Supply:
    """Unknowns: lines (S,), columns (R,), and how many may be anywhere. Stacked, each has one axis more in front."""

    lines: Counts
    columns: Counts
    anywhere: int | Counts

    @classmethod
    def stacked(cls, supplies: Sequence[Supply]) -> Supply:
        """Several as one."""
        lines, columns, anywhere = zip(*((of.lines, of.columns, of.anywhere) for of in supplies), strict=True)
        return cls(np.array(lines), np.array(columns), np.array(anywhere))

    def reaching(self) -> Counts:
        """How many of them may be in each cell (S, R)."""
        reaching: Counts = self.lines[:, None] + self.columns + self.anywhere
        return reaching

    def bound(self, shape: tuple[int, ...]) -> Counts:
        """How many can be in each cell (S, R) only: their line or column has no other."""
        bound = np.zeros(shape, np.int64)
        if shape[1] == 1:
            bound += self.lines[:, None]
        if shape[0] == 1:
            bound += self.columns
        return bound

    def bound_to(self, s: int, r: int, shape: tuple[int, ...]) -> int:
        """How many can be in that cell only."""
        return int(self.bound(shape)[s, r])

    def without(self, s: int, r: int, shape: tuple[int, ...]) -> Supply:
        """All but those who can be in that cell only."""
        lines, columns = self.lines.copy(), self.columns.copy()
        if shape[1] == 1:
            lines[s] = 0
        if shape[0] == 1:
            columns[r] = 0
        return Supply(lines, columns, self.anywhere)

    def beyond(self, s: int, r: int) -> Supply:
        """Those who cannot be in that cell."""
        lines, columns = self.lines.copy(), self.columns.copy()
        lines[s] = columns[r] = 0
        return Supply(lines, columns, 0)

    def groups(self, shape: tuple[int, ...]) -> list[Group]:
        """So many people for each line, each column and the whole grid, without those where there is nobody."""
        S, R = shape
        groups = [(int(people), [(s, r) for r in range(R)]) for s, people in enumerate(self.lines)]
        groups += [(int(people), [(s, r) for s in range(S)]) for r, people in enumerate(self.columns)]
        groups.append((int(self.anywhere), [(s, r) for s in range(S) for r in range(R)]))
        return [(people, cells) for people, cells in groups if people]


def placeable(demand: Counts, supply: Supply) -> NDArray[np.bool_]:
    """Whether as many as are wanted (B, S, R) of each cell may be there: (B,)."""
    lines = demand.shape[1]
    columns, anywhere = np.asarray(supply.columns)[..., None, :], np.asarray(supply.anywhere)[..., None]
    enough = np.ones(len(demand), np.bool_)
    for first in range(0, 2**lines, _SETS_AT_ONCE):
        numbers = np.arange(first, min(first + _SETS_AT_ONCE, 2**lines))
        sets = (numbers[:, None] >> np.arange(lines) & 1).astype(float)  # (sets, S): who is in Y
        beyond_columns = np.maximum(0, sets @ demand - columns).sum(axis=2)
        enough &= (beyond_columns <= anywhere + supply.lines @ sets.T).all(axis=1)
    return enough


def least_top(a: Counts, n: Counts, active: NDArray[np.bool_], supply: Supply) -> Array:
    """The least that the highest a/(n + t) of the active cells can be, in each of B cases (B, S, R), t people of the
    supply put into each cell: (B,).
    """
    a, n = np.where(active, a, 0), np.where(active, n, 0)
    rates = np.divide(a, n, out=np.zeros(n.shape), where=n > 0)
    high = rates.max(axis=(1, 2))
    low = np.zeros(len(high))
    for _ in range(_HALVINGS):
        middle = np.where(low > 0, np.sqrt(low * high), high * 1e-12)
        fits = placeable(wanted(a, n, middle[:, None, None]), supply)
        high, low = np.where(fits, middle, high), np.where(fits, low, middle)
    sizes = n + wanted(a, n, high[:, None, None])
    top: Array = np.divide(a, sizes, out=np.zeros(n.shape), where=sizes > 0).max(axis=(1, 2))
    return top


def wanted(a: Counts, n: Counts, top: Array | float) -> Counts:
    """How many more, not selected, each cell needs for its rate to be at most the top."""
    size = a / np.maximum(top, np.finfo(float).tiny)
    more = np.clip(size * (1.0 - 4 * np.finfo(float).eps) - n, 0.0, _MORE_THAN_THERE_ARE)
    return np.ceil(more).astype(np.int64)

"""Unknowns on a grid of categories: who may be where, and whether as many as are wanted may be there.

Those whose sex alone is known can be anywhere in its line, those whose race or ethnicity alone is known anywhere in its
column, the others anywhere. Whether they can meet a demand D of each cell is a question of flow: by the theorem of
maximal flow and minimal cut (Ford and Fulkerson 1956) lines and columns can meet

    min over sets X of lines of   Σ_{s∉X} lines_s + Σ_{s∈X} Σ_r D_sr + Σ_r min(columns_r, Σ_{s∉X} D_sr)

of it, and the rest must be at most as many as may be anywhere.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.impact.tally import Counts
from app.network.parameters import Array

_HALVINGS = 64
"""From a twelfth power of ten to the last bit of a double, on a logarithmic scale."""
_MORE_THAN_THERE_ARE = 2.0**40
_MOST_WAYS = 2000
_PIECES = 64


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


def placeable(wanted: Counts, supply: Supply) -> NDArray[np.bool_]:
    """Whether as many as are wanted (B, S, R) of each cell may be there: (B,)."""
    shortest = np.full(len(wanted), np.inf)
    lines = np.broadcast_to(supply.lines, wanted.shape[:2])
    columns = np.broadcast_to(supply.columns, (len(wanted), wanted.shape[2]))
    for cut in itertools.product((False, True), repeat=wanted.shape[1] if lines.any() else 0):
        inside = np.array(cut or [False] * wanted.shape[1])
        rest = wanted[:, ~inside].sum(axis=1)
        met = lines[:, ~inside].sum(axis=1) + wanted[:, inside].sum(axis=(1, 2)) + np.minimum(columns, rest).sum(axis=1)
        shortest = np.minimum(shortest, met)
    met_by_all: NDArray[np.bool_] = wanted.sum(axis=(1, 2)) - shortest <= supply.anywhere
    return met_by_all


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
        fits = placeable(_wanted(a, n, middle), supply)
        high, low = np.where(fits, middle, high), np.where(fits, low, middle)
    sizes = n + _wanted(a, n, high)
    top: Array = np.divide(a, sizes, out=np.zeros(n.shape), where=sizes > 0).max(axis=(1, 2))
    return top


def _wanted(a: Counts, n: Counts, top: Array) -> Counts:
    """How many more each cell needs for its rate to be at most the top (B,)."""
    size = a / np.maximum(top, np.finfo(float).tiny)[:, None, None]
    more = np.clip(size * (1.0 - 4 * np.finfo(float).eps) - n, 0.0, _MORE_THAN_THERE_ARE)
    return np.ceil(more).astype(np.int64)


Group = tuple[int, list[tuple[int, int]]]
"""So many people, and the cells in which each of them can be."""


def placements(
    supply: Supply, a: Counts, n: Counts, active: NDArray[np.bool_], cell: tuple[int, int]
) -> tuple[list[Counts], bool]:
    """Ways (S, R) to place those of the supply who cannot be in the cell, each of whom was selected; and whether they
    are all ways. Where there are too many it is one that raises no rate of the active cells much.
    """
    S, R = n.shape
    groups: list[Group] = [
        (int(people), [(i, k) for k in range(R)]) for i, people in enumerate(supply.lines) if i != cell[0] and people
    ]
    groups += [
        (int(people), [(i, k) for i in range(S)]) for k, people in enumerate(supply.columns) if k != cell[1] and people
    ]
    ways = math.prod(math.comb(people + len(cells) - 1, len(cells) - 1) for people, cells in groups)
    if ways > _MOST_WAYS:
        return [_one_way(groups, a, n, active)], False
    found = []
    for parts in itertools.product(*(_compositions(people, len(cells)) for people, cells in groups)):
        way = np.zeros(n.shape, np.int64)
        for (_, cells), part in zip(groups, parts, strict=True):
            way[tuple(zip(*cells, strict=True))] += part
        found.append(way)
    return found, True


def _one_way(groups: list[Group], a: Counts, n: Counts, active: NDArray[np.bool_]) -> Counts:
    """A few at a time to where the rate is lowest afterwards."""
    way = np.zeros(n.shape, np.int64)
    for people, cells in groups:
        left, at_once = people, -(-people // _PIECES)
        while left:
            some = min(left, at_once)
            rates = [
                (a[cell] + way[cell] + some) / (n[cell] + way[cell] + some) if active[cell] else 0.0 for cell in cells
            ]
            way[cells[int(np.argmin(rates))]] += some
            left -= some
    return way


def _compositions(people: int, cells: int) -> Iterator[tuple[int, ...]]:
    """All ways to put so many people into so many cells."""
    for bars in itertools.combinations(range(people + cells - 1), cells - 1):
        edges = (-1, *bars, people + cells - 1)
        yield tuple(end - begin - 1 for begin, end in itertools.pairwise(edges))

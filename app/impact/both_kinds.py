"""The least that the highest rate can be when selected unknowns have to be placed too: each raises the rate of the
category in which it is, while those who were not selected lower it. An integer programme.

For a rate M a cell in which v more are selected wants D(v) = max(0, ⌈(a + v)/M⌉ − n − v) who were not. D rises in
steps, and λ_v ∈ {0, 1} says which of them a cell takes:

    Σ_v λ_v = 1,   Σ w ≤ Σ_v v·λ_v,   Σ_v D(v)·λ_v ≤ Σ t         w selected, t not selected, whole numbers

where every group of the selected is placed whole, of the others at most as many as there are. Written with a straight
line for D instead of λ, the same programme took thousands of branches; so it is nearly always decided without any.
"""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.impact.integer_programme import IntegerProgramme, UndecidedError
from app.impact.placing import Cell, Group, wanted
from app.impact.tally import Counts

_CLOSE = 1e-9
"""Rates nearer to each other than this are not told apart, be there ever so many people."""
_MOST_NUMBERS = 1_000_000
_FEW_STEPS, _MANY_STEPS, _MOST_STEPS = 64, 500, 1000
"""In a cell when only some are tried, and in all cells: so many that some are tried first, and that all never are."""

Steps = dict[Cell, tuple[Counts, Counts]]
"""Of a cell demands D, ascending, and the most v of each: (v, D)."""


@dataclass(frozen=True, eq=False)
class Rivals:
    """Cells n, selected (S, R), those of them whose rates count, and who is to be placed besides: all of the chosen,
    who were selected, and as many of the others as help.
    """

    n: Counts
    selected: Counts
    active: NDArray[np.bool_]
    chosen: list[Group]
    others: list[Group]

    def least_top(self, bound: float) -> float | None:
        """The least that the highest rate can be, which is no lower than the bound. None where it takes too long.

        Rates of at most N people differ by 1/N² or not at all: once nearer than that, what was reached is the least.
        """
        everybody = sum(people for people, _ in [*self.chosen, *self.others])
        apart = max(_CLOSE, 1 / (int(self.n.max()) + everybody) ** 2)
        low, high, factor = max(bound, apart), 1.0, 1.01
        try:
            if self._top_within(bound) is not None:
                return bound
            while high > low + apart:
                middle = min(low * factor, (low + high) / 2)
                found = self._top_within(middle)
                low, high, factor = (middle, high, min(factor**2, 2.0)) if found is None else (low, found, factor)
        except UndecidedError:
            return None
        return high

    def _top_within(self, rate: float) -> float | None:
        """The highest rate, at most this one, of some way to place them; None where there is none. Raises
        UndecidedError.
        """
        least = wanted(self.selected, self.n, rate)
        free, most = self._last(rate, least), self._last(rate, sum(people for people, _ in self.others))
        if (most[self.active] < 0).any():
            return None
        numbers, rises = most - free, wanted(self.selected + most, self.n + most, rate) - least
        several = int((np.minimum(numbers, rises) + 1)[self.active].sum())  # D rises by none or one, or at each number
        found = self._top_of(self._steps(rate, free, most, _FEW_STEPS)) if several > _MANY_STEPS else None
        if found is None:
            if several > _MOST_STEPS or numbers.max() > _MOST_NUMBERS:
                raise UndecidedError
            found = self._top_of(self._steps(rate, free, most, _MOST_NUMBERS + 1))
        if found is not None and found > rate * (1 + _CLOSE):  # the solver is not exact to many millions
            raise UndecidedError
        return found

    def _last(self, rate: float, demand: Counts | int) -> Counts:
        """The most v of each cell (S, R) that wants no more than this; −1 where none does."""
        low, high = np.full_like(self.n, -1), np.ones_like(self.n)
        for people, cells in self.chosen:
            high[tuple(zip(*cells, strict=True))] += people
        for _ in range(int(high.max()).bit_length()):
            v = (low + high) // 2
            fits = wanted(self.selected + v, self.n + v, rate) <= demand
            low, high = np.where(fits, v, low), np.where(fits, high, v)
        return low

    def _steps(self, rate: float, free: Counts, most: Counts, in_a_cell: int) -> Steps:
        """Of so many numbers v at most, evenly: fewer than all are nearly always enough where all are, and are found in
        milliseconds.
        """
        steps = {}
        for s, r in np.argwhere(self.active).tolist():
            first, last = int(free[s, r]), int(most[s, r])
            v = np.linspace(first, last, min(last - first + 1, in_a_cell)).round().astype(np.int64)
            demand = wanted(self.selected[s, r] + v, self.n[s, r] + v, rate)
            rising = np.append(demand[1:] > demand[:-1], np.True_)
            steps[s, r] = v[rising], demand[rising]
        return steps

    def _top_of(self, steps: Steps) -> float | None:
        """The highest rate of a way that takes one of these steps in each cell; None where there is none."""
        programme = IntegerProgramme()
        w = _in_cells(programme, self.chosen, all_of_them=True)
        t = _in_cells(programme, self.others, all_of_them=False)
        for cell, (v, demand) in steps.items():
            taken = programme.whole_numbers(len(v), 1)
            programme.between(1, 1, (taken, 1))
            programme.between(-math.inf, 0, (w[cell], 1), (taken, -v))
            programme.between(-math.inf, 0, (taken, demand), (t[cell], -1))
        numbers = programme.met()
        if numbers is None:
            return None
        rates = [0.0]
        for s, r in steps:
            size = self.n[s, r] + numbers[w[s, r] + t[s, r]].sum()
            rates.append((self.selected[s, r] + numbers[w[s, r]].sum()) / size if size else 0.0)
        return float(max(rates))


def _in_cells(programme: IntegerProgramme, groups: list[Group], *, all_of_them: bool) -> dict[Cell, list[int]]:
    """Numbers of people of each group in each of its cells: which of them are in a cell."""
    inside = defaultdict(list)
    for people, cells in groups:
        columns = programme.whole_numbers(len(cells), people)
        programme.between(people if all_of_them else 0, people, (columns, 1))
        for cell, column in zip(cells, columns.tolist(), strict=True):
            inside[cell].append(column)
    return inside

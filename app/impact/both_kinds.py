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
_FEW_STEPS, _MANY_STEPS, _MOST_STEPS = 64, 500, 1000
"""In a cell when only some are tried, and in all cells: so many that some are tried first, and that all never are."""

Steps = dict[Cell, tuple[Counts, Counts]]
"""Of a cell the demands D that can be met, ascending, and the most v of each: (v, D)."""


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
        steps = self._steps(rate)
        if not all(len(v) for v, _ in steps.values()):
            return None
        several = sum(len(v) for v, _ in steps.values())
        found = self._top_of({cell: _few(*of) for cell, of in steps.items()}) if several > _MANY_STEPS else None
        if found is None:
            if several > _MOST_STEPS:
                raise UndecidedError
            found = self._top_of(steps)
        if found is not None and found > rate * (1 + _CLOSE):  # the solver is not exact to many millions
            raise UndecidedError
        return found

    def _steps(self, rate: float) -> Steps:
        most, steps = sum(people for people, _ in self.others), {}
        for s, r in np.argwhere(self.active).tolist():
            v = np.arange(1 + sum(people for people, cells in self.chosen if (s, r) in cells))
            demand = wanted(self.selected[s, r] + v, self.n[s, r] + v, rate)
            last = np.append(demand[1:] > demand[:-1], np.True_) & (demand <= most)
            steps[s, r] = v[last], demand[last]
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
        return max(rates)


def _few(v: Counts, demand: Counts) -> tuple[Counts, Counts]:
    """Some of the steps, which are nearly always enough where all are, and found in milliseconds."""
    chosen = np.linspace(0, len(v) - 1, min(len(v), _FEW_STEPS)).astype(np.intp)
    return v[chosen], demand[chosen]


def _in_cells(programme: IntegerProgramme, groups: list[Group], *, all_of_them: bool) -> dict[Cell, list[int]]:
    """Numbers of people of each group in each of its cells: which of them are in a cell."""
    inside = defaultdict(list)
    for people, cells in groups:
        columns = programme.whole_numbers(len(cells), people)
        programme.between(people if all_of_them else 0, people, (columns, 1))
        for cell, column in zip(cells, columns.tolist(), strict=True):
            inside[cell].append(column)
    return inside

"""The nearest change that turns a decision: exact, because every point that a change may lead to is accounted for.

After Wachter, Mittelstadt and Russell, "Counterfactual explanations without opening the black box" (2017), section III:
of all x' with the other decision the one nearest to x; here on a lattice of whole steps, where nothing is approximated.
A change moves one input, or two together.

Two inputs are looked up where that is quicker. Employees whose values differ by whole steps share a lattice, and their
answers stand in one table of it (lattice_cache.py). For lattices that hardly anybody has there is no table: one
employee is searched for point by point (search.py), many by bisection where the model allows it (bisection.py). Every
way gives the same bits. With another number of inputs everybody is searched for.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import combinations

import numpy as np

from app.insight.changes.bisection import bisect
from app.insight.changes.changes import Change, ChangeColumns, Changes
from app.insight.changes.decision_rule import DecisionRule
from app.insight.changes.found import Found
from app.insight.changes.lattice import PER_UNIT, Lattice
from app.insight.changes.lattice_cache import Tables
from app.insight.changes.search import search
from app.network.parameters import Array, Mask
from app.network.rows import Indices

_TOGETHER = 4
"""From so many employees on it is quicker to go through them together."""


class NearestChanges:
    """The changes that turn the decisions of one model on one kind of lattice. Threads may share it."""

    def __init__(self, rule: DecisionRule, lattice: Lattice) -> None:
        """Nothing is scored before the first employee."""
        self._rule = rule
        self._lattice = lattice
        d = len(lattice.steps)
        self._tables = Tables(rule, lattice) if d == 2 else None
        self._pairs = list(enumerate(combinations(range(d), 2), d))

    def of_one(self, x: Sequence[float]) -> tuple[list[Change], float]:
        """The changes of one employee, x (d,), nearest first; and the highest reachable probability.

        Raises ValueError for values outside the ranges.
        """
        for value, highest in zip(x, self._lattice.highest):  # noqa: B905 - it takes a tenth of a microsecond
            if not 0 <= value <= highest:
                raise ValueError("inputs must lie within the ranges")
        counted = [round(value * PER_UNIT) for value in x]
        found = self._tables.one(x, counted) if self._tables else None
        steps, scores, highest = found or search(self._rule, self._lattice, x, counted)
        return self._listed(counted, steps, scores), highest

    def __call__(self, inputs: Array) -> Changes:
        """The changes of many employees, inputs (n, d). Raises ValueError for values outside the ranges."""
        lattice = self._lattice
        X = np.ascontiguousarray(inputs.T)
        if not ((X >= 0) & (np.array(lattice.highest)[:, None] >= X)).all():
            raise ValueError("inputs must lie within the ranges")
        counted, index, left, exact = lattice.locate(X)
        found = Found.room(*inputs.shape)
        rows = np.arange(len(inputs))
        if self._tables:
            rows = self._look_up(self._tables, index, left, exact, found)
            if len(rows) >= _TOGETHER and any(self._rule.directions) and not self._rule.interval:
                found.put(rows, bisect(self._rule, lattice, X[:, rows], counted[:, rows]))
                rows = rows[:0]
        for row in rows.tolist():
            x, whole = X[:, row].tolist(), counted[:, row].astype(np.int64).tolist()
            found.put(row, search(self._rule, lattice, x, whole))
        return Changes(self._columns(counted, found), found.highest)

    def _look_up(self, tables: Tables, index: Array, left: Array, exact: Mask, found: Found) -> Indices:
        """Put what tables say of many employees, index (2, n) and left (2, n); which rows are in none."""
        at = index.astype(np.intp)
        rest = [np.flatnonzero(~exact)]
        for rows in _alike(left, np.flatnonzero(exact)):
            table = tables.find((int(left[0, rows[0]]), int(left[1, rows[0]])), len(rows))
            if table:
                found.put(rows, table.many(at[0, rows], at[1, rows]))
            else:
                rest.append(rows)
        return np.concatenate(rest)

    def _listed(self, counted: Sequence[int], steps: Sequence[int], scores: Sequence[float]) -> list[Change]:
        """The changes of one employee who stands at counted (d,), nearest first; of equally far ones as in `ranked`."""
        sizes, lengths, d = self._lattice.counted_steps, self._lattice.lengths, len(counted)
        changes: list[Change] = []
        for i in range(d - 1, -1, -1):
            if k := steps[i]:
                values: list[float | None] = [None] * d
                values[i] = (counted[i] + k * sizes[i]) / PER_UNIT
                distance = abs(k * lengths[i])
                nearer = len(changes)
                while nearer and distance < changes[nearer - 1].distance:
                    nearer -= 1
                changes.insert(nearer, Change(tuple(values), scores[i], distance))
        for number, (i, j) in self._pairs:
            k, m = steps[d + i], steps[d + j]
            if k and m:
                values = [None] * d
                values[i], values[j] = (counted[i] + k * sizes[i]) / PER_UNIT, (counted[j] + m * sizes[j]) / PER_UNIT
                u, v = k * lengths[i], m * lengths[j]
                changes.insert(0, Change(tuple(values), scores[number], math.sqrt(u * u + v * v)))
        return changes

    def _columns(self, counted: Array, found: Found) -> tuple[ChangeColumns, ...]:
        """What is found for employees who stand at counted (d, n), a kind of change each."""
        sizes, lengths, d = self._lattice.counted_steps, self._lattice.lengths, len(counted)
        steps, scores, kinds = found.steps.T.astype(float), found.probability.T, []
        for i, k in enumerate(steps[:d]):
            new = (counted[i] + k * sizes[i]) / PER_UNIT
            kinds.append(ChangeColumns((i,), (new,), scores[i], np.abs(k * lengths[i]), k != 0))
        for number, (i, j) in self._pairs:
            k, m = steps[d + i], steps[d + j]
            present = np.logical_and(k, m)
            if d > 2:  # an input may change together with another one
                k, m = k * present, m * present
            values = (counted[i] + k * sizes[i]) / PER_UNIT, (counted[j] + m * sizes[j]) / PER_UNIT
            u, v = k * lengths[i], m * lengths[j]
            kinds.append(ChangeColumns((i, j), values, scores[number], np.sqrt(u * u + v * v), present))
        return tuple(kinds)


def _alike(left: Array, rows: Indices) -> Iterator[Indices]:
    """Those of the rows of (2, n) remainders that have the same, group by group."""
    if not len(rows):
        return
    names = np.zeros(len(rows), dtype=np.intp)
    for line in left[:, rows]:
        distinct, name = np.unique(line, return_inverse=True)
        names = names * len(distinct) + name
    order = np.argsort(names, kind="stable")
    yield from np.split(rows[order], np.flatnonzero(np.diff(names[order])) + 1)

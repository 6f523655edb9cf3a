"""The nearest change that turns a decision: exact, because every point that a change may lead to is accounted for.

After Wachter, Mittelstadt and Russell, "Counterfactual explanations without opening the black box" (2017), section III:
of all x' with the other decision the one nearest to x; here on a lattice of whole steps, where nothing is approximated.

Employees whose values differ by whole steps share a lattice, and an answer of theirs is looked up in a table of it
(tables.py). For lattices that hardly anybody has there is no table: one employee is searched for point by point
(search.py), many by bisection where the model allows it (bisection.py). Every way gives the same bits.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from app.insight.changes.bisection import bisect
from app.insight.changes.changes import Change, ChangeColumns, Changes
from app.insight.changes.decision_rule import DecisionRule
from app.insight.changes.lattice import PER_UNIT, Lattice
from app.insight.changes.lattice_cache import Tables
from app.insight.changes.nearest import Steps
from app.insight.changes.search import search
from app.network.parameters import Array

# From so many employees on it is quicker to go through them together.
_TOGETHER = 4


class NearestChanges:
    """The changes that turn the decisions of one model on one kind of lattice. Threads may share it."""

    def __init__(self, rule: DecisionRule, lattice: Lattice) -> None:
        """Nothing is scored before the first employee."""
        self._rule = rule
        self._lattice = lattice
        self._tables = Tables(rule, lattice)

    def of_one(self, x: Sequence[float]) -> tuple[list[Change], float]:
        """The changes of one employee, x (2,), nearest first; and the highest reachable probability.

        Raises ValueError for values outside the ranges.
        """
        lattice = self._lattice
        x1, x2 = x
        if not (0 <= x1 <= lattice.highest[0] and 0 <= x2 <= lattice.highest[1]):
            raise ValueError("inputs must lie within the ranges")
        n1, n2 = round(x1 * PER_UNIT), round(x2 * PER_UNIT)
        step1, step2 = lattice.counted_steps
        (i1, left1), (i2, left2) = divmod(n1, step1), divmod(n2, step2)
        exact = n1 / PER_UNIT == x1 and n2 / PER_UNIT == x2
        table = self._tables.find((left1, left2), 1) if exact else None
        if table:
            (k1, k2, both1, both2), (p1, p2, p_both), highest = table.one(i1, i2)
        else:
            found = search(self._rule, lattice, (x1, x2), (n1, n2))
            (k1, k2, both1, both2), (p1, p2, p_both), highest = found
        changes = []
        distance1, distance2 = (abs(k * length) for k, length in zip((k1, k2), lattice.lengths, strict=True))
        if k2:
            changes.append(Change((None, (n2 + k2 * step2) / PER_UNIT), p2, distance2))
        if k1:
            change = Change(((n1 + k1 * step1) / PER_UNIT, None), p1, distance1)
            changes.insert(0 if distance1 < distance2 else len(changes), change)
        if both1:
            values = (n1 + both1 * step1) / PER_UNIT, (n2 + both2 * step2) / PER_UNIT
            u, v = both1 * lattice.lengths[0], both2 * lattice.lengths[1]
            changes.insert(0, Change(values, p_both, math.sqrt(u * u + v * v)))
        return changes, highest

    def __call__(self, inputs: Array) -> Changes:
        """The changes of many employees, inputs (n, 2). Raises ValueError for values outside the ranges."""
        lattice = self._lattice
        X = np.ascontiguousarray(inputs.T)
        if not ((X >= 0) & (np.array(lattice.highest)[:, None] >= X)).all():
            raise ValueError("inputs must lie within the ranges")
        counted, index, left, exact = lattice.locate(X)
        n = X.shape[1]
        steps, scores, highest = np.empty((n, 4), dtype=np.int16), np.empty((n, 3)), np.empty(n)
        at = index.astype(np.intp)
        rest = [np.flatnonzero(~exact)]
        for rows in _alike(left, np.flatnonzero(exact)):
            table = self._tables.find((int(left[0, rows[0]]), int(left[1, rows[0]])), len(rows))
            if table:
                steps[rows], scores[rows], highest[rows] = table.many(at[0, rows], at[1, rows])
            else:
                rest.append(rows)
        rows = np.concatenate(rest)
        if len(rows) >= _TOGETHER and any(self._rule.directions) and not self._rule.interval:
            found = bisect(self._rule, lattice, X[:, rows], counted[:, rows])
            steps[rows], scores[rows], highest[rows] = found
        else:
            for row in rows.tolist():
                x, n1, n2 = X[:, row].tolist(), int(counted[0, row]), int(counted[1, row])
                steps[row], scores[row], highest[row] = search(self._rule, lattice, (x[0], x[1]), (n1, n2))
        return Changes(self._kinds(counted, steps.T, scores.T), highest)

    def _kinds(
        self, counted: Array, steps: Steps, probability: Array
    ) -> tuple[ChangeColumns, ChangeColumns, ChangeColumns]:
        """Steps (4, n) and scores (3, n) of employees who stand at counted (2, n), as columns."""
        (size1, size2), (length1, length2) = self._lattice.counted_steps, self._lattice.lengths
        k1, k2, both1, both2 = steps.astype(float)
        new1, new2 = (counted[0] + k1 * size1) / PER_UNIT, (counted[1] + k2 * size2) / PER_UNIT
        both = (counted[0] + both1 * size1) / PER_UNIT, (counted[1] + both2 * size2) / PER_UNIT
        u, v = both1 * length1, both2 * length2
        return (
            ChangeColumns((0,), (new1,), probability[0], np.abs(k1 * length1), k1 != 0),
            ChangeColumns((1,), (new2,), probability[1], np.abs(k2 * length2), k2 != 0),
            ChangeColumns((0, 1), both, probability[2], np.sqrt(u * u + v * v), both1 != 0),
        )


def _alike(left: Array, rows: NDArray[np.intp]) -> Iterator[NDArray[np.intp]]:
    """Those of the rows of (2, n) remainders that have the same, group by group."""
    if not len(rows):
        return
    names = np.zeros(len(rows), dtype=np.intp)
    for line in left[:, rows]:
        distinct, name = np.unique(line, return_inverse=True)
        names = names * len(distinct) + name
    order = np.argsort(names, kind="stable")
    yield from np.split(rows[order], np.flatnonzero(np.diff(names[order])) + 1)

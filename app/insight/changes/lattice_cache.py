"""The answers for a whole lattice of two inputs, kept for the lattices that are asked about again and again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from threading import Lock

import numpy as np

from app.insight.changes import nearest
from app.insight.changes.decision_rule import DecisionRule
from app.insight.changes.found import Found, FoundOfOne, Steps
from app.insight.changes.lattice import PER_UNIT, Lattice
from app.network.parameters import Array
from app.network.rows import Indices

Remainders = tuple[int, int]

_BYTES, _BYTES_A_POINT = 4 << 20, 16
"""What all tables together may take, and what one takes for a point: a score, and four steps."""

_MOST_REMEMBERED = 4096
"""Lattices without a table that are remembered, to see which come again."""


@dataclass(frozen=True, eq=False)
class Table:
    """A lattice (n₁, n₂) of two inputs point by point, n₂ = columns.

    probability  (n₁·n₂,)
    steps        (n₁·n₂, 4)
    highest      (n₁, n₂) reachable
    """

    columns: int
    probability: Array
    steps: Steps
    highest: Array

    def one(self, i1: int, i2: int) -> FoundOfOne:
        """What is found for one point."""
        at = i1 * self.columns + i2
        k1, k2, both1, both2 = steps = self.steps[at].tolist()
        p = self.probability.item
        scores = p(at + k1 * self.columns), p(at + k2), p(at + both1 * self.columns + both2)
        return steps, scores, self.highest.item(i1, i2)

    def many(self, i1: Indices, i2: Indices) -> Found:
        """What is found for m points."""
        at = i1 * self.columns + i2
        steps = self.steps[at]
        k1, k2, both1, both2 = steps.T.astype(np.intp)
        points = np.stack([at + k1 * self.columns, at + k2, at + both1 * self.columns + both2], axis=1)
        return Found(steps, self.probability[points], self.highest[i1, i2])


def build(rule: DecisionRule, lattice: Lattice, remainders: Remainders) -> Table:
    """The table of the employees whose values leave these remainders."""
    first, second = (lattice.values(i, remainder) for i, remainder in enumerate(remainders))
    shape = len(first), len(second)
    points = np.broadcast_to(first[:, None], shape), np.broadcast_to(second, shape)
    probability = rule.probability(points)
    promoted = probability >= rule.threshold
    targets = rule.target(points, probability, True), rule.target(points, probability, False)
    steps = nearest.of_all(promoted, targets, lattice.lengths, lattice.may_fall)
    highest = nearest.highest(probability, lattice.may_fall)
    return Table(len(second), probability.ravel(), steps.reshape(-1, 4), highest)


class Tables:
    """The tables that were used last, in at most 4 MiB. Threads may share them."""

    def __init__(self, rule: DecisionRule, lattice: Lattice) -> None:
        """Empty."""
        self._rule = rule
        self._lattice = lattice
        # Of the highest scores a line is kept, and all of them only where neither input may fall.
        point = _BYTES_A_POINT if any(lattice.may_fall) else _BYTES_A_POINT + 8
        self._most = _BYTES // (point * lattice.shape[0] * lattice.shape[1])
        # What a table costs, in searches for one employee (measured: 3.3 ms against .14 ms at 161 points).
        self.pays = max(1, lattice.shape[0] // 6)
        self._tables: dict[Remainders, Table] = {}  # used last, last
        self._last: tuple[Remainders, Table] | tuple[None, None] = None, None  # of them, if its place there is right
        self._asked: dict[Remainders, int] = {}
        self._lock = Lock()

    def one(self, x: Sequence[float], counted: Sequence[int]) -> FoundOfOne | None:
        """What is found for one employee, x (2,), counted (2,) in 1e-10 units; None where there is no table."""
        (x1, x2), (n1, n2), (step1, step2) = x, counted, self._lattice.counted_steps
        if n1 / PER_UNIT != x1 or n2 / PER_UNIT != x2:
            return None  # x has more than ten decimals, and is no point of a lattice itself
        (i1, left1), (i2, left2) = divmod(n1, step1), divmod(n2, step2)
        table = self.find((left1, left2), 1)
        return table.one(i1, i2) if table else None

    def find(self, remainders: Remainders, employees: int) -> Table | None:
        """The table for so many employees more; None as long as searching for each of them is cheaper."""
        last, table = self._last
        if last == remainders:
            return table
        with self._lock:
            table = self._tables.pop(remainders, None)
            if table is not None:
                self._tables[remainders] = table
                self._last = remainders, table
                return table
            asked = self._asked.pop(remainders, 0) + employees
            if asked < self.pays:
                if len(self._asked) >= _MOST_REMEMBERED:
                    self._asked.clear()
                self._asked[remainders] = asked
                return None
        table = build(self._rule, self._lattice, remainders)
        with self._lock:
            self._tables[remainders] = table
            self._last = None, None
            while len(self._tables) > self._most:
                del self._tables[next(iter(self._tables))]
        return table

"""The answers for a whole lattice, kept for the lattices that employees ask about again and again."""

from __future__ import annotations

from dataclasses import dataclass
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from app.insight.changes import nearest
from app.insight.changes.decision_rule import DecisionRule, grid
from app.insight.changes.lattice import Lattice
from app.network.parameters import Array

Remainders = tuple[int, int]

_BYTES = 4 << 20
_BYTES_A_POINT = 16
# How many lattices without a table are remembered, to see which come again.
_MOST_REMEMBERED = 4096


@dataclass(frozen=True, eq=False)
class Table:
    """A lattice (n₁, n₂) point by point, n₂ = columns.

    probability  (n₁·n₂,)
    steps        (n₁·n₂, 4) as nearest.of_all says
    highest      (n₁, n₂) reachable
    """

    columns: int
    probability: Array
    steps: nearest.Steps
    highest: Array

    def one(self, i1: int, i2: int) -> tuple[list[int], tuple[float, float, float], float]:
        """Steps, scores of the three changes (one's own where there is none) and highest score of one point."""
        at = i1 * self.columns + i2
        k1, k2, both1, both2 = steps = self.steps[at].tolist()
        p = self.probability.item
        scores = p(at + k1 * self.columns), p(at + k2), p(at + both1 * self.columns + both2)
        return steps, scores, self.highest.item(i1, i2)

    def many(self, i1: NDArray[np.intp], i2: NDArray[np.intp]) -> tuple[nearest.Steps, Array, Array]:
        """The same of m points: (m, 4), (m, 3), (m,)."""
        at = i1 * self.columns + i2
        steps = self.steps[at]
        k1, k2, both1, both2 = steps.T.astype(np.intp)
        points = np.stack([at + k1 * self.columns, at + k2, at + both1 * self.columns + both2], axis=1)
        return steps, self.probability[points], self.highest[i1, i2]


def build(rule: DecisionRule, lattice: Lattice, remainders: Remainders) -> Table:
    """The table of the employees whose values leave these remainders."""
    first, second = (lattice.values(i, remainder) for i, remainder in enumerate(remainders))
    points = grid(first, second)
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
        self._asked: dict[Remainders, int] = {}
        self._lock = Lock()

    def find(self, remainders: Remainders, employees: int) -> Table | None:
        """The table for so many employees more; None as long as searching for each of them is cheaper."""
        with self._lock:
            table = self._tables.pop(remainders, None)
            if table is not None:
                self._tables[remainders] = table
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
            while len(self._tables) > self._most:
                del self._tables[next(iter(self._tables))]
        return table

"""The nearest changes of one employee, by scoring every point that a change of one or two inputs may lead to.

The points of a change of two inputs are a plane: the other inputs stay as they are. Two inputs have one plane, d have
d(d − 1)/2. A single input has a line, which is a plane of one column here. The nearest change of all is the nearest
of all planes. Ties are broken as in nearest.py: the lower first input wins, then the lower second, and so on.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import combinations
from typing import NamedTuple

import numpy as np

from app.insight.changes.decision_rule import DecisionRule
from app.insight.changes.found import FoundOfOne
from app.insight.changes.lattice import Lattice
from app.network.parameters import Array, Mask


def search(rule: DecisionRule, lattice: Lattice, x: Sequence[float], counted: Sequence[int]) -> FoundOfOne:
    """What there is for x (d,), which is counted (d,) in whole 1e-10 units."""
    d = len(x)
    lines = [_line(lattice, i, x[i], counted[i]) for i in range(d)]
    alone, scores, nearest, highest = [0] * d, [0.0] * d, [], 0.0
    for number, inputs in enumerate(combinations(range(d), min(d, 2))):
        plane = _plane(rule, x, lines, inputs)
        for axis, i in enumerate(inputs):
            alone[i], scores[i] = plane.alone(axis)
        squared, moves, score = plane.nearest([lattice.lengths[i] for i in inputs])
        steps = [0] * d
        for axis, i in enumerate(inputs):
            steps[i] = moves[axis]
        nearest.append((squared, steps, score, number))
        highest = max(highest, float(plane.probability.max()))
    _, together, score, number = min(nearest)
    scores += [plane.own] * (d * (d - 1) // 2)
    if d - together.count(0) == 2:
        scores[d + number] = score
    else:
        together = [0] * d
    return alone + together, scores, highest


class _Line(NamedTuple):
    """values (n,) that one input may have; here: the place of the present one."""

    values: Array
    here: int


def _line(lattice: Lattice, i: int, x: float, counted: int) -> _Line:
    """The line of input i, which is x."""
    at, remainder = divmod(counted, lattice.counted_steps[i])
    first = 0 if lattice.may_fall[i] else at
    values = lattice.values(i, remainder)[first:]
    values[at - first] = x  # what stays as it is keeps all its decimals
    return _Line(values, at - first)


class _Plane(NamedTuple):
    """The points (n₁, n₂) that changes of two inputs lead to, or (n₁, 1) of one: their probability, the target, and the
    place (i₁, i₂) of the present.
    """

    probability: Array
    target: Mask
    i1: int
    i2: int

    @property
    def own(self) -> float:
        """The present score."""
        return self.probability.item(self.i1, self.i2)

    def alone(self, axis: int) -> tuple[int, float]:
        """Steps along one axis to the nearest of the target, the lower of two, 0 if there is none; the score there."""
        probability, target, i1, i2 = self
        steps = np.flatnonzero(target[i1] if axis else target[:, i2]) - (i2 if axis else i1)
        k = int(steps[np.abs(steps).argmin()]) if len(steps) else 0
        return k, probability.item((i1, i2 + k) if axis else (i1 + k, i2))

    def nearest(self, lengths: Sequence[float]) -> tuple[float, tuple[int, int], float]:
        """The squared distance of the nearest of the target, steps to it along both axes, and the score there; an
        infinite distance if there is none.

        The nearest of every row first, the lower of two, as the tables do: so both agree where distances differ by
        rounding only.
        """
        probability, target, i1, i2 = self
        up, rows = np.arange(-i1, len(target) - i1), np.arange(len(target))
        right, left = target[:, i2:].argmax(axis=1), target[:, i2::-1].argmax(axis=1)  # to the first, if there is one
        to_right, to_left = target[rows, i2 + right], target[rows, i2 - left]
        across = np.where(to_left & (~to_right | (left <= right)), -left, right)
        squared = (up * lengths[0]) ** 2 + (across * lengths[-1]) ** 2
        squared[~(to_left | to_right)] = np.inf
        row = squared.argmin()
        if squared[row] == np.inf:
            return math.inf, (0, 0), self.own
        steps = up.item(row), across.item(row)
        return squared.item(row), steps, probability.item(row, i2 + steps[1])


def _plane(rule: DecisionRule, x: Sequence[float], lines: Sequence[_Line], inputs: Sequence[int]) -> _Plane:
    """The plane of one or two inputs through x (d,)."""
    first, *others = inputs
    values: list[Array | float] = list(x)
    values[first], shape, here = lines[first].values[:, None], [len(lines[first].values), 1], [lines[first].here, 0]
    for second in others:
        values[second], shape[1], here[1] = lines[second].values, len(lines[second].values), lines[second].here
    points = tuple(np.broadcast_to(value, shape) for value in values)
    probability = rule.probability(points)
    target = rule.target(points, probability, probability.item(*here) < rule.threshold)
    return _Plane(probability, target, *here)

"""The nearest changes of one employee, by scoring every point that a change may lead to."""

from __future__ import annotations

import numpy as np

from app.insight.changes.decision_rule import DecisionRule, grid
from app.insight.changes.lattice import Lattice
from app.insight.changes.nearest import Mask

Found = tuple[tuple[int, int, int, int], tuple[float, float, float], float]
"""The steps of nearest.py, the scores of the three changes (one's own where there is none), the highest score."""

# More steps than any lattice has.
_NONE = 1 << 20


def search(rule: DecisionRule, lattice: Lattice, x: tuple[float, float], counted: tuple[int, int]) -> Found:
    """What there is for x, which is counted in whole 1e-10 units."""
    lines, here = [], []
    for i in range(2):
        at, remainder = divmod(counted[i], lattice.counted_steps[i])
        first = 0 if lattice.may_fall[i] else at
        line = lattice.values(i, remainder)[first:]
        line[at - first] = x[i]  # what stays as it is keeps all its decimals
        lines.append(line)
        here.append(at - first)
    points = grid(lines[0], lines[1])
    probability = rule.probability(points)
    i1, i2 = here
    target = rule.target(points, probability, bool(probability[i1, i2] < rule.threshold))
    k1, k2 = _least(target[:, i2], i1), _least(target[i1], i2)
    both1, both2 = _together(target, (i1, i2), lattice.lengths)
    scores = tuple(probability.item(i1 + k, i2 + m) for k, m in ((k1, 0), (0, k2), (both1, both2)))
    return (k1, k2, both1, both2), (scores[0], scores[1], scores[2]), float(probability.max())


def _least(target: Mask, here: int) -> int:
    """Steps along a line (n,) to the nearest of the target, the lower of two; 0 if there is none."""
    steps = np.flatnonzero(target) - here
    return int(steps[np.abs(steps).argmin()]) if len(steps) else 0


def _together(target: Mask, here: tuple[int, int], lengths: tuple[float, float]) -> tuple[int, int]:
    """Steps to the nearest of the target (n₁, n₂); 0, 0 if there is none or it changes one input only.

    The nearest of every row first, as the tables do: so both agree where distances differ by rounding only.
    """
    gaps = np.abs(np.arange(target.shape[1]) - here[1])
    nearest = np.where(target, gaps, _NONE).argmin(axis=1)  # the first, and so the lower, of two
    up, across = np.arange(len(target)) - here[0], nearest - here[1]
    squared = (up * lengths[0]) ** 2 + (across * lengths[1]) ** 2
    squared[~target.any(axis=1)] = np.inf
    row = squared.argmin()
    if squared[row] == np.inf or up[row] == 0 or across[row] == 0:
        return 0, 0
    return int(up[row]), int(across[row])

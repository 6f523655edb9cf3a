"""How far an employee is from those the model was trained on, from what is kept of them: measures, and a background.

    range         the least and the greatest value of each input
    Mahalanobis   D²(x) = x̃ᵀ R⁻¹ x̃, R the correlations of the training's inputs, x̃ = (x − μ)/σ; and the greatest D of a
                  training row. It tells an unusual combination of usual values, as forty years and the lowest score.
                  An ellipse: in a gap of a bent shape D is small, and only `few_similar` speaks up
    similar       how many training rows have every input within half a standard deviation, counted on the weighted
                  points of the background: exact up to 256 distinct rows; beyond, a point speaks for those around it

Source: Mahalanobis, "On the generalised distance in statistics" (1936).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from app.insight.evidence.background import Background
from app.insight.evidence.similar import Similar
from app.network.parameters import Array, Mask
from app.network.rows import blocks
from app.network.standardise import Scale

FEWEST_SIMILAR = 10
"""The share of promoted among k rows has a standard error of up to 1/(2√k), .16 with ten. With fewer, a score rests on
what the network's shape carries over from elsewhere.
"""

_REACH = 0.5
"""How far a similar row may be in each input, in standard deviations."""

_ROUNDING = 1e-6
"""Sums of shares of n that should be whole are so nearly."""

_CHUNK_ROWS = 1 << 13
"""Rows at a time: with some 30 bytes each for every input they stay in cache."""

_RIDGE = 1e-9
"""Added to the correlations' diagonal: inputs that are one and the same differ when they do by 3e-5 deviations."""


@dataclass(frozen=True, eq=False)
class Familiarity:
    """What is known of the training's inputs; d inputs, m points.

    ranges     (d, 2)  least and greatest value, in raw units
    scale              mean and standard deviation; the deviation of a constant input is 1
    whitening  (d, d)  lower triangular W with WᵀW = R⁻¹: D = |W·x̃|
    farthest           the greatest D of a training row
    points     (m, d)  the background, in raw units
    weights    (m,)    which share of the rows each point stands for; their sum is 1
    rows               how many rows the training had

    The forms for one row answer as those for many do, bit for bit.
    """

    ranges: Array
    scale: Scale
    whitening: Array
    farthest: float
    points: Array
    weights: Array
    rows: int

    def outside(self, inputs: Array) -> Mask:
        """Inputs (n, d) in raw units -> (n, d+1): which of them are beyond their range; in the last column, whether
        none is and the row is farther from the mean (by D) than every training row was.
        """
        d = len(self.ranges)
        flags = np.empty((len(inputs), d + 1), dtype=np.bool_)
        low, high = self.ranges.T[:, :, None]
        for part in blocks(len(inputs), _CHUNK_ROWS):
            X = np.ascontiguousarray(inputs[part].T)
            beyond = (low > X) | (high < X)
            flags[part, :d] = beyond.T
            far = distance(X, self.scale, self.whitening) > self.farthest
            flags[part, d] = far & ~beyond.any(axis=0)
        return flags

    def outside_of_one(self, x: list[float]) -> list[bool]:
        """The same of one row (d,)."""
        measures, whitening = self._as_floats
        flags = [not low <= x[i] <= high for i, (low, high, _, _) in enumerate(measures)]
        if True in flags:
            return [*flags, False]
        standard = [(x[i] - mean) / s for i, (_, _, mean, s) in enumerate(measures)]
        square = 0.0
        for row in whitening:
            v = 0.0
            for weight, value in zip(row, standard):  # noqa: B905 - up to the diagonal; naming strict doubles the time
                v += weight * value
            square += v * v
        return [*flags, math.sqrt(square) > self.farthest]

    def few_similar(self, inputs: Array) -> Mask:
        """Inputs (n, d) in raw units -> (n,): whether fewer than ten training rows are similar."""
        return self._similar.fewer(inputs, FEWEST_SIMILAR - _ROUNDING)

    def few_similar_of_one(self, x: list[float]) -> bool:
        """The same of one row (d,)."""
        return self._similar.fewer_of_one(x, FEWEST_SIMILAR - _ROUNDING)

    @cached_property
    def _similar(self) -> Similar:
        return Similar(self.points, self.weights * self.rows, _REACH * self.scale.deviation)

    @cached_property
    def _as_floats(self) -> tuple[list[tuple[float, float, float, float]], list[list[float]]]:
        """Least, greatest, mean and deviation of each input, and the whitening's rows up to the diagonal."""
        low, high = self.ranges.T.tolist()
        measures = zip(low, high, self.scale.mean.tolist(), self.scale.deviation.tolist(), strict=True)
        return list(measures), [row[: p + 1].tolist() for p, row in enumerate(self.whitening)]


def familiarity(inputs: Array, counts: Array, scale: Scale, background: Background) -> Familiarity:
    """What to keep of a training's rows, inputs (n, d) in raw units with counts (n,), their scale, and the background
    that stands for them.
    """
    X = np.ascontiguousarray(inputs.T)
    d, n = X.shape
    R = np.zeros((d, d))
    for part in blocks(n):
        standard = scale.standardised(X[:, part])
        R += standard * counts[part] @ standard.T
    rows = counts.sum()
    R /= rows
    np.fill_diagonal(R, 1.0 + _RIDGE)  # also where the input is constant
    whitening = np.tril(np.linalg.inv(np.linalg.cholesky(R)))
    farthest = max(float(distance(X[:, part], scale, whitening).max()) for part in blocks(n))
    ranges = np.column_stack([X.min(axis=1), X.max(axis=1)])
    return Familiarity(ranges, scale, whitening, farthest, background.points, background.weights, int(rows))


def distance(X: Array, scale: Scale, whitening: Array) -> Array:
    """D (n,) of rows that stand as raw columns in X (d, n), summed in a fixed order."""
    standard = scale.standardised(X)
    square = np.zeros(X.shape[1])
    for p, row in enumerate(whitening):
        v = standard[0] * row[0]
        for j in range(1, p + 1):
            v += standard[j] * row[j]
        square += np.multiply(v, v, out=v)
    return np.sqrt(square, out=square)

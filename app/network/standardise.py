"""Inputs of mean 0 and standard deviation 1 while training, and the weights folded back to raw units afterwards.

x̃ᵢ = (xᵢ − μᵢ)/σᵢ,   Σ w̃ᵢx̃ᵢ + b̃ = Σ (w̃ᵢ/σᵢ)xᵢ + (b̃ − Σ w̃ᵢμᵢ/σᵢ)
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from app.network.parameters import Array
from app.network.rows import blocks

LARGEST_INPUT = 1e100
_SMALLEST_SCALE = 1e-100
"""Beyond these a square would overflow, and a weight per raw unit would not be a double."""


@dataclass(frozen=True, eq=False)
class Scale:
    """mean (d,) and deviation (d,) of the raw inputs, in their units; the deviation of a constant input is 1."""

    mean: Array
    deviation: Array

    def standardised(self, X: Array, out: Array | None = None) -> Array:
        """Raw columns (d, n) -> (d, n) of mean 0 and population standard deviation 1, in out where that is given."""
        result: Array = np.subtract(X, self.mean[:, None], out=out)
        result /= self.deviation[:, None]
        return result

    def raw(self, weights: Array, bias: Array) -> tuple[Array, Array]:
        """Weights (d, …) and bias (…) for standardised inputs -> the same function of raw inputs."""
        per_unit = (weights.T / self.deviation).T
        return per_unit, bias - self.mean @ per_unit


def measure(X: Array, counts: Array) -> Scale:
    """Mean and population standard deviation of raw columns (d, n), row r counted counts[r] times (n,).

    An input is constant when its deviation is no more than the rounding error of its mean (scikit-learn's rule in
    `_is_constant_feature`), or so small that a weight per raw unit would overflow.
    """
    n = counts.sum()
    mean = X @ counts / n
    squares = [(X[:, part] - mean[:, None]) ** 2 @ counts[part] for part in blocks(len(counts))]
    deviation = np.sqrt(np.sum(squares, axis=0) / n)
    rounding = np.sqrt(n * np.finfo(float).eps) * deviation + n * np.abs(mean) * np.finfo(float).eps
    constant = (deviation <= rounding) | (deviation <= _SMALLEST_SCALE)
    return Scale(mean, np.where(constant, 1.0, deviation))

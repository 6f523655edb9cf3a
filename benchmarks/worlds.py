"""Seeded data sets on which an optimiser can go wrong: (inputs (n, d) in raw units, targets (n,) of 0 and 1).

A world is how its inputs are drawn, and the true probability (n,) that belongs to inputs (n, d).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Inputs = Callable[[np.random.Generator, int], Array]
Probability = Callable[[Array], Array]


def decide(rng: np.random.Generator, probability: Array) -> Array:
    """DecisionRule (n,) of 0 and 1 with those probabilities."""
    return (rng.random(len(probability)) < probability).astype(np.float64)


def sigmoid(z: Array) -> Array:
    """σ(z), right to an absolute 1e-16."""
    return 0.5 * (1 + np.tanh(z / 2))


def uniform(rng: np.random.Generator, n: int) -> Array:
    """Years from 0 to 40 and scores from 0 to 100, all alike."""
    return np.column_stack([rng.uniform(0, 40, n), rng.uniform(0, 100, n)])


def _whole(rng: np.random.Generator, n: int) -> Array:
    return np.column_stack([rng.integers(0, 41, n), rng.integers(0, 101, n)]).astype(np.float64)


def _long_tailed(rng: np.random.Generator, n: int) -> Array:
    return np.column_stack([np.minimum(rng.lognormal(1.2, 0.9, n), 80.0), 100 * rng.beta(8, 2, n)])


def _with_a_third(rng: np.random.Generator, n: int) -> Array:
    return np.column_stack([uniform(rng, n), rng.normal(5, 2, n)])


def linear(X: Array) -> Array:
    """A slope that one neuron could learn."""
    return sigmoid(0.15 * X[:, 0] + 0.08 * X[:, 1] - 9)


def tied(X: Array) -> Array:
    """Whole years and whole scores, promoted when both are high enough."""
    return 0.04 + 0.9 * sigmoid(0.8 * (X[:, 0] - 8)) * sigmoid(0.3 * (X[:, 1] - 65))


def corner(X: Array) -> Array:
    """Either is enough: two boundaries at a right angle."""
    return np.where((X[:, 0] > 25) | (X[:, 1] > 80), 0.85, 0.1)


def exclusive(X: Array) -> Array:
    """XOR-like: many years or a high score, but not both."""
    return np.where((X[:, 0] > 20) != (X[:, 1] > 50), 0.9, 0.1)


def exclusive_tied(X: Array) -> Array:
    """XOR-like on whole numbers, off centre."""
    return np.where((X[:, 0] > 12) != (X[:, 1] > 60), 0.85, 0.15)


def ridge(X: Array) -> Array:
    """A diagonal band is promoted."""
    return np.where(np.abs(X[:, 0] / 40 - X[:, 1] / 100) < 0.2, 0.9, 0.08)


def steep(X: Array) -> Array:
    """Nearly separable by a line."""
    return sigmoid(1.5 * (X[:, 0] - 20) + 0.6 * (X[:, 1] - 50))


def noise(X: Array) -> Array:
    """No signal at all."""
    return np.full(len(X), 0.3)


def rare(X: Array) -> Array:
    """One in a hundred is promoted, those with a high score and some years."""
    return 0.06 * sigmoid(0.4 * (X[:, 0] - 12)) * sigmoid(0.2 * (X[:, 1] - 75))


def skewed(X: Array) -> Array:
    """Long-tailed years, scores piled up near the top."""
    return 0.02 + 0.6 * sigmoid(1.2 * (X[:, 0] - 4)) * sigmoid(0.25 * (X[:, 1] - 82))


def island(X: Array) -> Array:
    """A round patch in the middle: two hidden units cannot enclose it."""
    return np.where((X[:, 0] / 20 - 1) ** 2 + (X[:, 1] / 50 - 1) ** 2 < 0.5, 0.9, 0.1)


def three_inputs(X: Array) -> Array:
    """XOR-like in two inputs, a slope in the third."""
    return sigmoid(np.where((X[:, 0] > 20) != (X[:, 1] > 50), 1.5, -1.5) + 0.5 * (X[:, 2] - 5))


WORLDS: dict[str, tuple[Inputs, Probability]] = {
    probability.__name__: (inputs, probability)
    for inputs, probability in (
        (uniform, linear), (_whole, tied), (uniform, corner), (uniform, exclusive), (_whole, exclusive_tied),
        (uniform, ridge), (uniform, steep), (uniform, noise), (uniform, rare), (_long_tailed, skewed),
        (uniform, island), (_with_a_third, three_inputs),
    )
}  # fmt: skip


def make(name: str, n: int, seed: int = 0) -> tuple[Array, Array]:
    """The data set of that name with n rows."""
    inputs, probability = WORLDS[name]
    rng = np.random.default_rng([seed, n])
    X = inputs(rng, n)
    y = decide(rng, probability(X))
    if name == "rare":
        y[:2] = 1.0, 0.0  # both classes, however few the rows
    return X, y

"""Seeded data sets on which an optimiser can go wrong: (inputs (n, d) in raw units, targets (n,) of 0 and 1)."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
World = Callable[[np.random.Generator, int], tuple[Array, Array]]


def _decide(rng: np.random.Generator, probability: Array) -> Array:
    return (rng.random(len(probability)) < probability).astype(np.float64)


def _sigmoid(z: Array) -> Array:
    return 0.5 * (1 + np.tanh(z / 2))


def _uniform(rng: np.random.Generator, n: int) -> Array:
    return np.column_stack([rng.uniform(0, 40, n), rng.uniform(0, 100, n)])


def _whole(rng: np.random.Generator, n: int) -> Array:
    return np.column_stack([rng.integers(0, 41, n), rng.integers(0, 101, n)]).astype(np.float64)


def linear(rng: np.random.Generator, n: int) -> tuple[Array, Array]:
    """A slope that one neuron could learn."""
    X = _uniform(rng, n)
    return X, _decide(rng, _sigmoid(0.15 * X[:, 0] + 0.08 * X[:, 1] - 9))


def tied(rng: np.random.Generator, n: int) -> tuple[Array, Array]:
    """Whole years and whole scores, promoted when both are high enough."""
    X = _whole(rng, n)
    return X, _decide(rng, 0.04 + 0.9 * _sigmoid(0.8 * (X[:, 0] - 8)) * _sigmoid(0.3 * (X[:, 1] - 65)))


def corner(rng: np.random.Generator, n: int) -> tuple[Array, Array]:
    """Either is enough: two boundaries at a right angle."""
    X = _uniform(rng, n)
    return X, _decide(rng, np.where((X[:, 0] > 25) | (X[:, 1] > 80), 0.85, 0.1))


def exclusive(rng: np.random.Generator, n: int) -> tuple[Array, Array]:
    """XOR-like: many years or a high score, but not both."""
    X = _uniform(rng, n)
    return X, _decide(rng, np.where((X[:, 0] > 20) != (X[:, 1] > 50), 0.9, 0.1))


def exclusive_tied(rng: np.random.Generator, n: int) -> tuple[Array, Array]:
    """XOR-like on whole numbers, off centre."""
    X = _whole(rng, n)
    return X, _decide(rng, np.where((X[:, 0] > 12) != (X[:, 1] > 60), 0.85, 0.15))


def ridge(rng: np.random.Generator, n: int) -> tuple[Array, Array]:
    """A diagonal band is promoted."""
    X = _uniform(rng, n)
    return X, _decide(rng, np.where(np.abs(X[:, 0] / 40 - X[:, 1] / 100) < 0.2, 0.9, 0.08))


def steep(rng: np.random.Generator, n: int) -> tuple[Array, Array]:
    """Nearly separable by a line."""
    X = _uniform(rng, n)
    return X, _decide(rng, _sigmoid(1.5 * (X[:, 0] - 20) + 0.6 * (X[:, 1] - 50)))


def noise(rng: np.random.Generator, n: int) -> tuple[Array, Array]:
    """No signal at all."""
    return _uniform(rng, n), _decide(rng, np.full(n, 0.3))


def rare(rng: np.random.Generator, n: int) -> tuple[Array, Array]:
    """One in a hundred is promoted, those with a high score and some years."""
    X = _uniform(rng, n)
    y = _decide(rng, 0.06 * _sigmoid(0.4 * (X[:, 0] - 12)) * _sigmoid(0.2 * (X[:, 1] - 75)))
    y[:2] = 1.0, 0.0  # both classes, however few the rows
    return X, y


def skewed(rng: np.random.Generator, n: int) -> tuple[Array, Array]:
    """Long-tailed years, scores piled up near the top."""
    X = np.column_stack([np.minimum(rng.lognormal(1.2, 0.9, n), 80.0), 100 * rng.beta(8, 2, n)])
    return X, _decide(rng, 0.02 + 0.6 * _sigmoid(1.2 * (X[:, 0] - 4)) * _sigmoid(0.25 * (X[:, 1] - 82)))


def island(rng: np.random.Generator, n: int) -> tuple[Array, Array]:
    """A round patch in the middle: two hidden units cannot enclose it."""
    X = _uniform(rng, n)
    return X, _decide(rng, np.where((X[:, 0] / 20 - 1) ** 2 + (X[:, 1] / 50 - 1) ** 2 < 0.5, 0.9, 0.1))


def three_inputs(rng: np.random.Generator, n: int) -> tuple[Array, Array]:
    """XOR-like in two inputs, a slope in the third."""
    X = np.column_stack([_uniform(rng, n), rng.normal(5, 2, n)])
    z = np.where((X[:, 0] > 20) != (X[:, 1] > 50), 1.5, -1.5) + 0.5 * (X[:, 2] - 5)
    return X, _decide(rng, _sigmoid(z))


WORLDS: dict[str, World] = {
    world.__name__: world
    for world in (
        linear, tied, corner, exclusive, exclusive_tied, ridge, steep, noise, rare, skewed, island, three_inputs
    )
}  # fmt: skip


def make(name: str, n: int, seed: int = 0) -> tuple[Array, Array]:
    """The data set of that name with n rows."""
    return WORLDS[name](np.random.default_rng([seed, n]), n)

"""Seeded data sets and a driver that the tests of the network share."""

from __future__ import annotations

import numpy as np

from app.network.fit import fit
from app.network.fitted import Fitted
from app.network.options import FitOptions
from app.network.parameters import Array
from app.network.progress import Progress


def run(inputs: Array, targets: Array, **options: object) -> tuple[Fitted, list[Progress]]:
    """A whole training and every progress on the way."""
    training, seen = fit(inputs, targets, FitOptions(**options)), []  # type: ignore[arg-type]
    while True:
        try:
            seen.append(next(training))
        except StopIteration as end:
            return end.value, seen


def slope(n: int, seed: int = 0) -> tuple[Array, Array]:
    """Years (0 to 40) and scores (0 to 100), promotion the likelier the more there is of both."""
    rng = np.random.default_rng(seed)
    X = np.column_stack([rng.uniform(0, 40, n), rng.uniform(0, 100, n)])
    p = 1 / (1 + np.exp(-(0.15 * X[:, 0] + 0.08 * X[:, 1] - 7)))
    return X, (rng.random(n) < p).astype(float)


def exclusive(n: int, seed: int = 0, whole: bool = False) -> tuple[Array, Array]:
    """XOR-like: many years or a high score, but not both; whole: in steps of five, so that rows tie."""
    rng = np.random.default_rng(seed)
    X = np.column_stack([rng.uniform(0, 40, n), rng.uniform(0, 100, n)])
    X = np.floor(X / 5) * 5 if whole else X
    return X, (rng.random(n) < np.where((X[:, 0] > 20) != (X[:, 1] > 50), 0.9, 0.1)).astype(float)


def separable(n: int, seed: int = 0) -> tuple[Array, Array]:
    """Promoted exactly when a line says so."""
    rng = np.random.default_rng(seed)
    X = rng.uniform(0, 10, (n, 2))
    y = (X.sum(axis=1) > 10).astype(float)
    y[np.argmin(X.sum(axis=1))], y[np.argmax(X.sum(axis=1))] = 0.0, 1.0
    return X, y

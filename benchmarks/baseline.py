"""The baseline of the trainings: scikit-learn's MLPClassifier on the same objective."""

from __future__ import annotations

import warnings

import numpy as np
from sklearn.neural_network import MLPClassifier

from benchmarks.worlds import Array


def standardised(X: Array) -> Array:
    """Mean 0 and population standard deviation 1."""
    scaled: Array = (X - X.mean(axis=0)) / X.std(axis=0)
    return scaled


def lbfgs_start(X: Array, y: Array, *, alpha: float, seed: int, hidden_units: int = 2) -> float:
    """J̄ that one L-BFGS start on standardised inputs (n, d) reaches, computed from its weights."""
    network = MLPClassifier(
        (hidden_units,), activation="logistic", solver="lbfgs", alpha=alpha, random_state=seed, tol=1e-10, max_iter=5000
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # an iteration limit
        network.fit(X, y)
    (W, w), (c, b) = network.coefs_, network.intercepts_
    z = (0.5 * (1 + np.tanh((X @ W + c) / 2)) @ w + b)[:, 0]
    loss = np.maximum(z, 0) + np.log1p(np.exp(-np.abs(z))) - y * z
    return float(loss.mean() + alpha / (2 * len(y)) * ((W**2).sum() + (w**2).sum()))

"""Where the descents of a two-layer network begin.

Each hidden unit's boundary (zₖ = 0) goes through a random data point in a random direction and at a random steepness;
the output weights are those of a few Newton steps of the convex problem that remains when the hidden layer is held.
"""

from __future__ import annotations

import numpy as np

from app.network.loss import Layout, Rows, hidden_activations, softplus_and_sigmoid
from app.network.parameters import Array


def random_starts(layout: Layout, rows: Rows, count: int, alpha: float, rng: np.random.Generator) -> Array:
    """θ (count, P) on standardised inputs."""
    d, h = layout.d, layout.h
    point = rows.X[:d, rng.integers(len(rows), size=(count, h))]  # (d, count, h)
    direction = rng.standard_normal((d, count, h))
    direction /= np.sqrt((direction**2).sum(axis=0))
    w = direction * np.exp(rng.uniform(np.log(1.0), np.log(6.0), size=(count, h)))
    theta = np.zeros((count, layout.size))
    hidden = theta[:, : layout.hidden_size].reshape(count, h, d + 1)
    hidden[:, :, :d] = w.transpose(1, 2, 0)
    hidden[:, :, d] = -(w * point).sum(axis=0)
    theta[:, layout.hidden_size :] = _output_layer(layout, theta, rows, alpha)
    return theta


def _output_layer(layout: Layout, theta: Array, rows: Rows, alpha: float) -> Array:
    """[w₁ … w_h, b] (S, h+1) after three damped Newton steps with the hidden layer of θ (S, P) held."""
    S, h = len(theta), layout.h
    n, positive = rows.counts.sum(), rows.promoted.sum()
    beta = np.zeros((S, h + 1))
    beta[:, -1] = np.log(positive / (n - positive))
    a = np.concatenate([hidden_activations(layout, theta, rows.X), np.ones((S, 1, len(rows)))], axis=1)
    ridge = np.full(h + 1, alpha + 1e-3 * n)
    ridge[-1] = 1e-6 * n
    for _ in range(3):
        z = (beta[:, None, :] @ a)[:, 0]
        _, p = softplus_and_sigmoid(z)
        g = (a @ (rows.counts * p - rows.promoted)[:, :, None])[:, :, 0] + ridge * beta * np.r_[np.ones(h), 0.0]
        H = (a * (rows.counts * p * (1 - p))[:, None, :]) @ a.transpose(0, 2, 1) + np.diag(ridge)
        beta = beta - np.linalg.solve(H, g[:, :, None])[:, :, 0]
    return beta

"""Where the descents of a two-layer network begin.

Each hidden unit's boundary (zₖ = 0) goes through a random data point, in a random direction, with a random steepness.
Starts of four kinds take turns, because each finds basins that the others miss:

    gentle   a slope over all the data; random output layer. Best on pure noise.
    firm     the output layer is what a few Newton steps make of the convex problem that remains while the hidden layer
             is held. Best on XOR-like data.
    sharp    the same, with a step between neighbours. Best on small data with next to no penalty.
    mixed    one unit gentle and the next sharp, in turn: a slope, and a step that corrects it in one place.
"""

from __future__ import annotations

import numpy as np

from app.network.layout import Layout
from app.network.loss import Rows, activations, softplus_and_sigmoid
from app.network.objective import Objective
from app.network.parameters import Array

# The range of |∇zₖ| at the boundary, per standard deviation of input, for units in turn: gentle, firm, sharp, mixed.
_FLATTEST = np.array([[0.3, 0.3], [1.0, 1.0], [3.0, 3.0], [0.3, 3.0]])
_STEEPEST = np.array([[1.0, 1.0], [8.0, 8.0], [30.0, 30.0], [3.0, 30.0]])
_NEWTON_STEPS = 3


def random_starts(objective: Objective, count: int, rng: np.random.Generator) -> Array:
    """θ (count, P) on standardised inputs."""
    layout, rows = objective.layout, objective.rows
    d, h = layout.d, layout.h
    point = rows.X[:d, rng.integers(len(rows), size=(count, h))]  # (d, count, h)
    direction = rng.standard_normal((d, count, h))
    kind = np.arange(count) % len(_FLATTEST)
    turn = np.arange(h) % 2
    low, high = np.log(_FLATTEST[kind][:, turn]), np.log(_STEEPEST[kind][:, turn])  # (count, h)
    w = direction / np.sqrt((direction**2).sum(axis=0))
    w *= np.exp(rng.uniform(low, high, size=(count, h)))
    theta = np.zeros((count, layout.size))
    hidden = theta[:, : layout.hidden_size].reshape(count, h, d + 1)
    hidden[:, :, :d] = w.transpose(1, 2, 0)
    hidden[:, :, d] = -(w * point).sum(axis=0)
    theta[:, layout.hidden_size :] = rng.uniform(-1.0, 1.0, size=(count, h + 1))
    for one in np.flatnonzero(kind):  # one at a time, so that the activations of all the rows stay in cache
        theta[one, layout.hidden_size :] = _output_layer(layout, theta[one : one + 1], rows, objective.alpha)
    return theta


def _output_layer(layout: Layout, theta: Array, rows: Rows, alpha: float) -> Array:
    """[w₁ … w_h, b] (h+1,) for the hidden layer of θ (1, P)."""
    n, promoted = rows.counts.sum(), rows.promoted.sum()
    a = np.concatenate([activations(layout, theta, rows.X)[0], np.ones((1, len(rows)))])  # (h+1, m)
    # A thousandth of n beside alpha: on separable data the steps would otherwise run away.
    ridge = np.full(layout.h + 1, alpha + 1e-3 * n)
    ridge[-1] = 0.0
    w = np.zeros(layout.h + 1)
    w[-1] = np.log((promoted + 0.5) / (n - promoted + 0.5))
    for _ in range(_NEWTON_STEPS):
        p = softplus_and_sigmoid(w @ a)[1]
        gradient = a @ (rows.counts * p - rows.promoted) + ridge * w
        H = (a * (rows.counts * p * (1.0 - p))) @ a.T + np.diag(ridge + 1e-9 * n)
        w = w - np.linalg.solve(H, gradient)
    return w

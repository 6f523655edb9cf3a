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

from app.network.forward_many import activations, log_and_sigmoid
from app.network.layout import Layout
from app.network.objective import Objective
from app.network.options import FitOptions
from app.network.parameters import Array
from app.network.rows import Indices, Rows

_FLATTEST = np.array([[0.3, 0.3], [1.0, 1.0], [3.0, 3.0], [0.3, 3.0]])
_STEEPEST = np.array([[1.0, 1.0], [8.0, 8.0], [30.0, 30.0], [3.0, 30.0]])
"""The range of |∇zₖ| at the boundary, per standard deviation of input, for units in turn: gentle, firm, sharp, mixed.
"""

_NEWTON_STEPS = 3
"""Newton steps that the output layer makes while the hidden layer is held."""

_TOGETHER = 8
"""Starts that take these steps at a time: few enough that the activations of all the rows stay in cache."""


def starts_on(rows: int, options: FitOptions) -> int:
    """How many starts are made on so many rows.

    One start in six to one in twenty finds the best basin of a hard data set (benchmarks/optimum.py): 128 by default.
    On few rows with next to no penalty it can be one in a thousand, and starts cost next to nothing: below 2,048 rows
    as many more as cost the same, at most 1,024. A step costs the square of the weights, so that more than two hidden
    units bring that down to 128 again.
    """
    more = min(1024, 2**18 // rows)
    return options.starts or max(128, more * 4 // max(2, options.hidden_units) ** 2)


def random_starts(objective: Objective, count: int, rng: np.random.Generator) -> Array:
    """θ (count, P) on standardised inputs."""
    layout, rows = objective.layout, objective.rows
    theta = np.zeros((count, layout.size))
    theta[:, : layout.hidden_size] = hidden_layers(layout, rows.X, count, rng).reshape(count, layout.hidden_size)
    theta[:, layout.hidden_size :] = rng.uniform(-1.0, 1.0, size=(count, layout.h + 1))
    held = np.flatnonzero(_kinds(count))
    for first in range(0, len(held), _TOGETHER):
        some = held[first : first + _TOGETHER]
        theta[some, layout.hidden_size :] = _output_layers(layout, theta[some], rows, objective.alpha)
    return theta


def hidden_layers(layout: Layout, X: Array, count: int, rng: np.random.Generator) -> Array:
    """Hidden layers for rows X (d+1, m): (count, h, d+1), the weights and the bias of every unit."""
    d, h = layout.d, layout.h
    point = X[:d, rng.integers(X.shape[1], size=(count, h))]  # (d, count, h)
    direction = rng.standard_normal((d, count, h))
    kind, turn = _kinds(count), np.arange(h) % 2
    low, high = np.log(_FLATTEST[kind][:, turn]), np.log(_STEEPEST[kind][:, turn])  # (count, h)
    w = direction / np.sqrt((direction**2).sum(axis=0))
    w *= np.exp(rng.uniform(low, high, size=(count, h)))
    hidden = np.empty((count, h, d + 1))
    hidden[:, :, :d] = w.transpose(1, 2, 0)
    hidden[:, :, d] = -(w * point).sum(axis=0)
    return hidden


def _kinds(count: int) -> Indices:
    """Which kind each start is of: 0 is gentle."""
    return np.arange(count) % len(_FLATTEST)


def _output_layers(layout: Layout, theta: Array, rows: Rows, alpha: float) -> Array:
    """[w₁ … w_h, b] (S, h+1) for the hidden layers of θ (S, P)."""
    n, promoted = float(rows.counts.sum()), float(rows.promoted.sum())
    dtype = rows.X.dtype
    a = np.ones((len(theta), layout.h + 1, len(rows)), dtype=dtype)
    a[:, :-1] = activations(layout, theta.astype(dtype), rows.X)
    # A thousandth of n beside alpha: on separable data the steps would otherwise run away.
    ridge = np.full(layout.h + 1, alpha + 1e-3 * n)
    ridge[-1] = 0.0
    w = np.zeros((len(theta), layout.h + 1))
    w[:, -1] = np.log((promoted + 0.5) / (n - promoted + 0.5))
    for _ in range(_NEWTON_STEPS):
        z = (w.astype(dtype)[:, None, :] @ a)[:, 0]  # (S, m)
        p = log_and_sigmoid(z)[1]
        gradient = (a @ (rows.counts * p - rows.promoted)[:, :, None])[:, :, 0] + ridge * w
        H = (a * (rows.counts * p * (1.0 - p))[:, None, :]) @ a.transpose(0, 2, 1) + np.diag(ridge + 1e-9 * n)
        w = w - np.linalg.solve(H, gradient[:, :, None])[:, :, 0]
    return w

"""From standardised inputs to logits, of S networks at once, as trainings need them.

Speed counts here, and sums may be in any order. Published scores come from forward.py, always with the same bits.
Shapes: θ (S, P), see Layout; X (d+1, m), standardised rows as columns, its last row ones for the biases; a (S, h, m).
"""

from __future__ import annotations

import numpy as np

from app.network.layout import Layout
from app.network.parameters import Array


def log_and_sigmoid(z: Array) -> tuple[Array, Array]:
    """ln(1 + e^−|z|), and σ(z) from the same e^−|z|; neither can overflow.

    ln(1 + eᶻ) is the first + max(z, 0), and ln(1 + eᶻ) − z the first − min(z, 0): a sum of numbers ≥ 0 in both cases.
    """
    t = np.abs(z)
    np.negative(t, t)
    np.exp(t, t)
    log = np.log1p(t)
    sigmoid = np.where(z >= 0, z.dtype.type(1.0), t)
    t += 1.0
    sigmoid /= t
    return log, sigmoid


def activations(layout: Layout, theta: Array, X: Array) -> Array:
    """aₖ = σ(zₖ) = (1 + tanh(zₖ/2))/2 -> (S, h, m): tanh cannot overflow and is one call where σ takes four."""
    S, h = len(theta), layout.h
    half = 0.5 * theta[:, : layout.hidden_size].reshape(S * h, layout.d + 1)
    a = half @ X
    np.tanh(a, a)
    a *= 0.5
    a += 0.5
    return a.reshape(S, h, X.shape[1])


def logits(layout: Layout, theta: Array, X: Array) -> Array:
    """All z (S, m)."""
    return output(layout, theta, activations(layout, theta, X)) if layout.h else theta @ X


def output(layout: Layout, theta: Array, a: Array) -> Array:
    """Σₖ wₖaₖ + b -> (S, m)."""
    z = (theta[:, None, layout.hidden_size : -1] @ a)[:, 0]
    z += theta[:, -1:]
    return z

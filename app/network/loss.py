"""The objective J̄, its gradient and its Gauss-Newton matrix, in one pass over the rows.

    J̄(θ) = 1/n·Σᵣ cᵣ·[ln(1 + e^zᵣ) − yᵣzᵣ]  +  alpha/(2n)·Σ weights²        (no biases in the second sum)

    ∂J/∂z   = −(y − ŷ)
    ∂z/∂wₖ  = aₖ                    ∂z/∂b  = 1
    ∂z/∂wᵢₖ = wₖ·aₖ(1 − aₖ)·xᵢ      ∂z/∂bₖ = wₖ·aₖ(1 − aₖ)

    gradient            1/n·Σᵣ −(yᵣ − ŷᵣ)·∇z                                  + alpha/n·weights
    Gauss-Newton matrix 1/n·Σᵣ cᵣ·ŷᵣ(1 − ŷᵣ)·∇z∇zᵀ                            + alpha/n·I (weights only)

Identical rows stand as one row with the count c and the number s of them that were promoted: Σ cᵣ = n, and y above is
s/c. The loss is taken in logit space, where it is exact for every z: no clip, no ln 0.

Several networks (S of them, the starts of a training) go through together, because on small data NumPy's calls cost
more than their arithmetic. Shapes: θ (S, P); X̃ (d+1, m), rows as columns, its last row ones for the biases.

    single_neuron   θ = [w₁ … w_d, b]                                          P = d+1
    two_layer       θ = [w₁₁ … w_d1, b₁,  w₁₂ … w_d2, b₂,  …,  w₁ … w_h, b]   P = h(d+1) + h + 1
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from app.network.parameters import Array

# Networks × rows of a chunk: J and its weighted copy are 2·9·8 bytes a row, so 4,096 rows are 0.6 MB: they stay in L2.
CHUNK = 4096


@dataclass(frozen=True)
class Layout:
    """Where each weight stands in θ: d inputs, h hidden units (0: the single neuron)."""

    d: int
    h: int

    @property
    def size(self) -> int:
        """P."""
        return self.h * (self.d + 1) + self.h + 1 if self.h else self.d + 1

    @property
    def hidden_size(self) -> int:
        """How many of the P belong to the hidden layer; they come first."""
        return self.h * (self.d + 1)

    def penalised(self) -> Array:
        """1 for each weight, 0 for each bias (P,)."""
        mask = np.ones(self.size)
        mask[self.d : self.hidden_size : self.d + 1] = 0.0
        mask[-1] = 0.0
        return mask


@dataclass(frozen=True, eq=False)
class Rows:
    """X (d+1, n) standardised columns and a row of ones; counts (n,); promoted (n,), how many of the count."""

    X: Array
    counts: Array
    promoted: Array

    def __len__(self) -> int:
        """Distinct rows."""
        return self.X.shape[1]

    def part(self, which: slice | Array) -> Rows:
        """Some of the rows."""
        return Rows(self.X[:, which], self.counts[which], self.promoted[which])


@dataclass(frozen=True, eq=False)
class Sums:
    """What a pass returns: loss (S,), gradient (S, P), matrix (S, P, P), summed over rows; adds up over parts."""

    loss: Array
    gradient: Array
    matrix: Array

    def __add__(self, other: Sums) -> Sums:
        """The sums over both parts."""
        return Sums(self.loss + other.loss, self.gradient + other.gradient, self.matrix + other.matrix)


def softplus_and_sigmoid(z: Array) -> tuple[Array, Array]:
    """ln(1 + eᶻ) = max(z, 0) + ln(1 + e^−|z|), and σ(z) from the same e^−|z|."""
    t = np.exp(-np.abs(z))
    sigmoid = np.where(z >= 0, 1.0, t) / (1.0 + t)
    return np.maximum(z, 0.0) + np.log1p(t), sigmoid


def sums(layout: Layout, theta: Array, rows: Rows) -> Sums:
    """Loss, gradient and Gauss-Newton matrix of J, without penalty, of S networks: θ (S, P) and n rows."""
    S = len(theta)
    step = max(64, CHUNK // S)
    total: Sums | None = None
    for first in range(0, len(rows), step):
        part = _chunk_sums(layout, theta, rows.part(slice(first, first + step)))
        total = part if total is None else total + part
    assert total is not None
    return total


def _chunk_sums(layout: Layout, theta: Array, rows: Rows) -> Sums:
    z, J = logits_and_slopes(layout, theta, rows.X)
    softplus, p = softplus_and_sigmoid(z)
    loss = softplus @ rows.counts - z @ rows.promoted
    residual = rows.counts * p - rows.promoted  # −(y − ŷ), of all c rows
    curvature = rows.counts * p
    curvature *= 1.0 - p  # c·ŷ(1 − ŷ)
    gradient = (J @ residual[:, :, None])[:, :, 0]
    matrix = (J * curvature[:, None, :]) @ J.transpose(0, 2, 1)
    return Sums(loss, gradient, matrix)


def logits_and_slopes(layout: Layout, theta: Array, X: Array) -> tuple[Array, Array]:
    """z (S, m) and J = ∇z (S, P, m) of S networks over the columns X (d+1, m)."""
    S, (d1, m), h, hidden_size = len(theta), X.shape, layout.h, layout.hidden_size
    if not h:
        return theta @ X, np.broadcast_to(X, (S, d1, m))
    w = theta[:, hidden_size:-1]  # (S, h)
    a = hidden_activations(layout, theta, X)  # (S, h, m)
    z = (w[:, None, :] @ a)[:, 0] + theta[:, -1:]
    J = np.empty((S, layout.size, m))
    slope = (1.0 - a) * a
    slope *= w[:, :, None]  # wₖ·aₖ(1 − aₖ)
    np.multiply(slope[:, :, None, :], X, out=J[:, :hidden_size].reshape(S, h, d1, m))
    J[:, hidden_size:-1] = a
    J[:, -1] = 1.0
    return z, J


def hidden_activations(layout: Layout, theta: Array, X: Array) -> Array:
    """aₖ = σ(zₖ) = (1 + tanh(zₖ/2))/2 (S, h, m): tanh cannot overflow and takes one call instead of four."""
    S, d1, h = len(theta), layout.d + 1, layout.h
    half = 0.5 * theta[:, : layout.hidden_size].reshape(S * h, d1)
    a = half @ X
    np.tanh(a, a)
    a *= 0.5
    a += 0.5
    return a.reshape(S, h, X.shape[1])

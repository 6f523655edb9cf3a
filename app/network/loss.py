"""The loss J, its gradient and its matrix of second derivatives, in one pass over the rows.

    J       = Σᵣ [ln(1 + e^zᵣ) − yᵣzᵣ]            (= −y ln ŷ − (1−y) ln(1−ŷ); in z it is exact: no clip, no ln 0)
    ∂J/∂z   = −(y − ŷ)
    ∂z/∂wₖ  = aₖ                    ∂z/∂b  = 1
    ∂z/∂wᵢₖ = wₖ·aₖ(1 − aₖ)·xᵢ      ∂z/∂bₖ = wₖ·aₖ(1 − aₖ)

    gradient              Σᵣ −(yᵣ − ŷᵣ)·∇z
    Gauss-Newton matrix   Σᵣ ŷᵣ(1 − ŷᵣ)·∇z∇zᵀ
    Hessian               the same + "bend" Σᵣ −(yᵣ − ŷᵣ)·∇²z, where
                          ∂²z/∂wᵢₖ∂wₖ = aₖ(1 − aₖ)·xᵢ,   ∂²z/∂wᵢₖ∂wⱼₖ = wₖ·aₖ(1 − aₖ)(1 − 2aₖ)·xᵢxⱼ

Identical rows stand as one row with a count c, of which s were promoted: Σ c·ln(1 + e^z) − s·z,
and −(y − ŷ) is c·ŷ − s.

S networks (the starts of a training) go through together: on small data NumPy's calls cost more than their arithmetic.
Single precision goes through as it comes: the sums are then added up in double precision, chunk by chunk.
Shapes: θ (S, P), see Layout; X (d+1, m), standardised rows as columns, its last row ones for the biases; a (S, h, m).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from app.network.forward_many import activations, log_and_sigmoid, logits, output
from app.network.layout import Layout
from app.network.parameters import Array
from app.network.rows import Indices, Rows

CHUNK = 1 << 16
"""Entries of ∇z at a time: with its weighted copy 1 MB, which stays in a core's L2 cache beside the rest. Both are
allocated once a call: the system would hand out fresh pages for every chunk, at three times the cost of the sums.
"""

_TOGETHER = 16
"""Networks at a time: enough to share the cost of NumPy's calls, few enough that a chunk is some hundred rows."""


@dataclass(frozen=True, eq=False)
class Sums:
    """What a pass returns, summed over rows; it adds up over parts.

    loss (S,); gradient (S, P); matrix (S, P, P), Gauss-Newton; bend (S, P, P), what the Hessian has beyond it
    (0 when it was not asked for).
    """

    loss: Array
    gradient: Array
    matrix: Array
    bend: Array

    def __add__(self, other: Sums) -> Sums:
        """The sums over both parts."""
        loss, gradient = self.loss + other.loss, self.gradient + other.gradient
        return Sums(loss, gradient, self.matrix + other.matrix, self.bend + other.bend)

    def only(self, which: Indices) -> Sums:
        """Those of some networks."""
        return Sums(self.loss[which], self.gradient[which], self.matrix[which], self.bend[which])

    def put(self, which: Indices, other: Sums) -> None:
        """Replace those of some networks."""
        self.loss[which], self.gradient[which] = other.loss, other.gradient
        self.matrix[which], self.bend[which] = other.matrix, other.bend


def sums(layout: Layout, theta: Array, rows: Rows, exact: bool = False) -> Sums:
    """The sums of S networks over n rows; exact: with what the Hessian has beyond the Gauss-Newton matrix."""
    S, P = theta.shape
    theta = theta.astype(rows.X.dtype, copy=False)
    total = Sums(np.zeros(S), np.zeros((S, P)), *np.zeros((2, S, P, P)))
    for one in range(0, S, _TOGETHER):
        some = slice(one, one + _TOGETHER)
        together = len(theta[some])
        step = min(len(rows), max(64, CHUNK // (together * P)))
        slopes, weighted = np.empty((2, together, P, step), dtype=theta.dtype)
        for first in range(0, len(rows), step):
            part = rows.part(slice(first, first + step))
            m = len(part)
            loss, gradient, matrix, bend = _chunk_sums(
                layout, theta[some], part, slopes[:, :, :m], weighted[:, :, :m], exact
            )
            total.loss[some] += loss
            total.gradient[some] += gradient
            total.matrix[some] += matrix
            total.bend[some] += bend
    return total


def losses(layout: Layout, theta: Array, rows: Rows) -> Array:
    """The sum of the losses alone: (S,)."""
    step = max(64, CHUNK // (len(theta) * layout.size))
    parts = range(0, len(rows), step)
    total: Array = sum(row_losses(layout, theta, rows.part(slice(i, i + step))).sum(axis=1) for i in parts)
    return total


def row_losses(layout: Layout, theta: Array, rows: Rows) -> Array:
    """The loss of every row, counted as often as it stands: (S, n)."""
    z = logits(layout, theta, rows.X)
    loss = rows.counts * log_and_sigmoid(z)[0]
    loss += (rows.counts - rows.promoted) * np.maximum(z, 0.0)
    loss -= rows.promoted * np.minimum(z, 0.0)
    return loss


def _chunk_sums(  # noqa: PLR0917 - what one pass has at hand
    layout: Layout, theta: Array, rows: Rows, J: Array, weighted: Array, exact: bool
) -> tuple[Array, Array, Array, Array]:
    """The four sums over one chunk; J and weighted (S, P, m) are room for ∇z and for ŷ(1 − ŷ)·∇z."""
    X, counts = rows.X, rows.counts
    if layout.h:
        a = activations(layout, theta, X)
        slope = 1.0 - a
        slope *= a  # aₖ(1 − aₖ)
        z = output(layout, theta, a)
        _slopes(layout, theta, X, a, slope, J)
    else:
        z = theta @ X
        J[:] = X
    log, p = log_and_sigmoid(z)
    # c·ln(1 + eᶻ) − s·z without the difference of large numbers that single precision would not bear.
    loss = log @ counts + np.maximum(z, 0.0) @ (counts - rows.promoted) - np.minimum(z, 0.0) @ rows.promoted
    p_counted = p * counts
    residual = p_counted - rows.promoted  # −(y − ŷ)
    np.subtract(1.0, p, p)
    p *= p_counted  # ŷ(1 − ŷ)
    gradient = (J @ residual[:, :, None])[:, :, 0]
    np.multiply(J, p[:, None, :], out=weighted)
    matrix = weighted @ J.transpose(0, 2, 1)
    bend = np.zeros_like(matrix)
    if exact and layout.h:
        _add_curvature_of_z(layout, bend, X, a, slope, J, residual, weighted)
    return loss, gradient, matrix, bend


def _slopes(  # noqa: PLR0917 - what one pass has at hand
    layout: Layout, theta: Array, X: Array, a: Array, slope: Array, J: Array
) -> None:
    """∇z into J (S, P, m)."""
    steep = slope * theta[:, layout.hidden_size : -1, None]  # wₖ·aₖ(1 − aₖ)
    np.multiply(steep[:, :, None, :], X, out=_hidden(layout, J))  # ∂z/∂wᵢₖ and, where X is 1, ∂z/∂bₖ
    J[:, layout.hidden_size : -1] = a
    J[:, -1] = 1.0


def _hidden(layout: Layout, J: Array) -> Array:
    """The hidden layer's entries of (S, P, m) by unit: (S, h, d+1, m)."""
    S, _, m = J.shape
    return J[:, : layout.hidden_size].reshape(S, layout.h, layout.d + 1, m)


def _add_curvature_of_z(  # noqa: PLR0917 - what one pass has at hand
    layout: Layout, matrix: Array, X: Array, a: Array, slope: Array, J: Array, residual: Array, room: Array
) -> None:
    """Add Σᵣ −(yᵣ − ŷᵣ)·∇²z to the matrix (S, P, P)."""
    mixed = (slope * residual[:, None, :]) @ X.T  # (S, h, d+1): ∂²z/∂wᵢₖ∂wₖ
    bend = 1.0 - 2.0 * a
    bend *= residual[:, None, :]
    inner = np.multiply(_hidden(layout, J), bend[:, :, None, :], out=_hidden(layout, room))
    within = inner @ X.T  # (S, h, d+1, d+1): ∂²z/∂wᵢₖ∂wⱼₖ
    for k in range(layout.h):
        unit, weight = slice(k * (layout.d + 1), (k + 1) * (layout.d + 1)), layout.hidden_size + k
        matrix[:, unit, unit] += within[:, k]
        matrix[:, unit, weight] += mixed[:, k]
        matrix[:, weight, unit] += mixed[:, k]

"""The next step from the derivatives of J̄: (H + μI)·δ = −∇J̄, and what the quadratic model expects of it.

promised = −δᵀ∇J̄ − ½·δᵀHδ        left = ½·∇J̄ᵀH⁻¹∇J̄
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from app.network.loss import Sums
from app.network.parameters import Array
from app.network.rows import Indices

SMALLEST_DAMPING = 1e-14

_RANK = 1e-11
"""Eigenvalues below this share of the largest are rounding."""


@dataclass(eq=False)
class NextStep:
    """The next step of S networks.

    delta (S, P) δ; promised (S,) the decrease of J̄ that the quadratic model expects of it; left (S,) the decrease that
    it expects in all, of steps without damping.
    """

    delta: Array
    promised: Array
    left: Array

    def only(self, which: Indices) -> NextStep:
        """Those of some networks."""
        return NextStep(self.delta[which], self.promised[which], self.left[which])

    def put(self, which: Indices, other: NextStep) -> None:
        """Replace those of some networks."""
        self.delta[which], self.promised[which], self.left[which] = other.delta, other.promised, other.left


def gauss_newton(at: Sums, mu: Array) -> NextStep:
    """The step of the Gauss-Newton matrix; what it promises is also what is left."""
    damped = at.matrix + mu[:, None, None] * np.eye(at.gradient.shape[1])
    delta: Array = np.linalg.solve(damped, -at.gradient[:, :, None])[:, :, 0].astype(np.float64, copy=False)
    promised = 0.5 * (delta * (mu[:, None] * delta - at.gradient)).sum(axis=1)
    return NextStep(delta, promised, promised.copy())


def newton(at: Sums, mu: Array) -> NextStep:
    """The step of the Hessian wherever that is positive definite, elsewhere of the Gauss-Newton matrix."""
    try:
        eigenvalue, V = np.linalg.eigh(at.matrix + at.bend)
        indefinite = eigenvalue[:, 0] <= 0.0
        eigenvalue[indefinite], V[indefinite] = np.linalg.eigh(at.matrix[indefinite])
    except np.linalg.LinAlgError:  # seen with 61 weights on three rows: LAPACK's iteration need not converge
        return gauss_newton(at, mu)
    eigenvalue = np.maximum(eigenvalue, 0.0)
    along = (V.transpose(0, 2, 1) @ at.gradient[:, :, None])[:, :, 0]
    damped = eigenvalue + mu[:, None]
    promised = (along**2 * (1.0 / damped - 0.5 * eigenvalue / damped**2)).sum(axis=1)
    floor = np.maximum(_RANK * eigenvalue.max(axis=1, keepdims=True), SMALLEST_DAMPING)
    left = 0.5 * (along**2 / np.maximum(eigenvalue, floor)).sum(axis=1)
    delta: Array = -(V @ (along / damped)[:, :, None])[:, :, 0]
    return NextStep(delta, promised, left)

"""Damped Gauss-Newton (Levenberg-Marquardt), and damped Newton near the end, for several networks at once.

    (H + μI)·δ = −∇J̄,  θ ← θ + δ when J̄ falls

Far from a minimum H is the Gauss-Newton matrix: the Hessian without the second derivatives of z, so it is never
indefinite and δ always descends. Near one that omission makes convergence linear, at worst a thousand passes where two
hidden units have almost the same boundary; H is then the Hessian wherever that is positive definite. μ follows the
ratio of the decrease that happened to the decrease that the quadratic model promised (H. B. Nielsen, "Damping parameter
in Marquardt's method", IMM-REP-1999-05).

H is a sum over rows, so that it adds up over chunks, and the step comes from normal equations, whose condition number
is the square of ∇z's. Standardised inputs keep the columns of ∇z within a few powers of ten of each other, and μ bounds
the condition of what is solved: a step along a direction that rounding has erased is short instead of wrong. When that
happens convergence is slow, never false: the step is kept only if J̄ itself fell.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.network.loss import Sums
from app.network.objective import Objective
from app.network.parameters import Array

# The first μ as a share of H's largest diagonal entry: a tenth far from a minimum (over 14 hard data sets a start then
# found the best basin as often as with 1e-3 or 3, or more often), next to nothing near one.
FAR, NEAR = 1e-1, 1e-4
_SMALLEST_DAMPING = 1e-14
# Eigenvalues below this share of the largest are rounding.
_RANK = 1e-11
# J̄ in nats a row below which nothing can be told apart.
_NOTHING = 1e-15
# Keeps the ratio of decrease to promise a number.
_NO_PROMISE = 1e-30


@dataclass(eq=False)
class Descents:
    """S networks on their way down.

    start (S,) which start each came from; theta (S, P); at: J̄ and its derivatives there; damping (S,) μ; growth (S,)
    Nielsen's ν; left (S,) the decrease of J̄ that the quadratic model still expects; steps (S,) made so far.
    """

    start: NDArray[np.int64]
    theta: Array
    at: Sums
    damping: Array
    growth: Array
    left: Array
    steps: NDArray[np.int64]

    @property
    def loss(self) -> Array:
        """J̄ (S,)."""
        return self.at.loss

    def only(self, which: NDArray[np.int64]) -> Descents:
        """Some of them, in that order."""
        damping, growth, left = self.damping[which], self.growth[which], self.left[which]
        return Descents(
            self.start[which], self.theta[which], self.at.only(which), damping, growth, left, self.steps[which]
        )


def begin(
    objective: Objective, start: NDArray[np.int64], theta: Array, steps: NDArray[np.int64], *, exact: bool
) -> Generator[None, None, Descents]:
    """Descents at θ (S, P), far from a minimum (exact: near one)."""
    at = yield from objective.at(theta, exact)
    largest = np.abs(np.einsum("spp->sp", at.matrix)).max(axis=1)
    damping = np.maximum((NEAR if exact else FAR) * largest, _SMALLEST_DAMPING)
    S = len(theta)
    return Descents(start, theta.copy(), at, damping, np.full(S, 2.0), np.full(S, np.inf), steps.copy())


def step(
    objective: Objective, descents: Descents, going: NDArray[np.int64], *, exact: bool
) -> Generator[None, None, None]:
    """One iteration of the descents with these indices, in place."""
    before, mu = descents.at.only(going), descents.damping[going]
    delta, promised, left = (_newton if exact else _gauss_newton)(before, mu)
    theta = descents.theta[going] + delta
    at = yield from objective.at(theta, exact)
    decrease = before.loss - at.loss
    accepted = decrease > 0  # False for NaN
    gain = np.clip(decrease / np.maximum(promised, _NO_PROMISE), -1.0, 2.0)
    descents.theta[going[accepted]] = theta[accepted]
    descents.at.put(going[accepted], at.only(np.flatnonzero(accepted)))
    shorter = np.maximum(1 / 3, 1 - (2 * gain - 1) ** 3)
    nu = descents.growth[going]
    descents.damping[going] = np.clip(np.where(accepted, mu * shorter, mu * nu), _SMALLEST_DAMPING, 1e100)
    descents.growth[going] = np.where(accepted, 2.0, np.minimum(2 * nu, 1e6))
    descents.left[going] = left
    descents.steps[going] += 1


def finished(descents: Descents, tolerance: float) -> NDArray[np.bool_]:
    """Which descents expect to gain no more than that share of J̄."""
    return descents.left <= tolerance * descents.loss + _NOTHING


def _gauss_newton(at: Sums, mu: Array) -> tuple[Array, Array, Array]:
    """δ (S, P), the decrease that the model promises, and the same as what is left (S,)."""
    damped = at.matrix + mu[:, None, None] * np.eye(at.gradient.shape[1])
    delta: Array = np.linalg.solve(damped, -at.gradient[:, :, None])[:, :, 0].astype(np.float64, copy=False)
    promised = 0.5 * (delta * (mu[:, None] * delta - at.gradient)).sum(axis=1)
    return delta, promised, promised


def _newton(at: Sums, mu: Array) -> tuple[Array, Array, Array]:
    """δ (S, P), the decrease that the model promises for it, and the one that it promises without damping (S,)."""
    try:
        eigenvalue, V = np.linalg.eigh(at.matrix + at.bend)
        indefinite = eigenvalue[:, 0] <= 0.0
        eigenvalue[indefinite], V[indefinite] = np.linalg.eigh(at.matrix[indefinite])
    except np.linalg.LinAlgError:  # seen with 61 weights on three rows: LAPACK's iteration need not converge
        return _gauss_newton(at, mu)
    eigenvalue = np.maximum(eigenvalue, 0.0)
    along = (V.transpose(0, 2, 1) @ at.gradient[:, :, None])[:, :, 0]
    damped = eigenvalue + mu[:, None]
    promised = (along**2 * (1.0 / damped - 0.5 * eigenvalue / damped**2)).sum(axis=1)
    floor = np.maximum(_RANK * eigenvalue.max(axis=1, keepdims=True), _SMALLEST_DAMPING)
    left = 0.5 * (along**2 / np.maximum(eigenvalue, floor)).sum(axis=1)
    delta: Array = -(V @ (along / damped)[:, :, None])[:, :, 0]
    return delta, promised, left

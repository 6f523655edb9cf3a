"""Damped Gauss-Newton (Levenberg-Marquardt) for several networks at once.

    (H + μI)·δ = −∇J̄,  θ ← θ + δ when J̄ falls

H is the Gauss-Newton matrix: the Hessian of J̄ without the second derivatives of z, so it is never indefinite and δ
always descends. μ follows the ratio of the decrease that happened to the decrease that the quadratic model promised
(H. B. Nielsen, "Damping parameter in Marquardt's method", IMM-REP-1999-05).

H is a sum over rows, so that it adds up over chunks, and the step comes from normal equations, whose condition number
is the square of J's. Standardised inputs keep J's own columns within a few powers of ten of each other, and μ bounds
the condition of what is solved: a step along a direction that rounding has erased is short instead of wrong. When that
happens convergence is slow, never false: the step is kept only if J̄ itself fell.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.network.loss import Layout, Rows, Sums, sums
from app.network.parameters import Array

# The first μ as a share of H's largest diagonal entry (Nielsen's τ for a start that is not near the minimum).
_FIRST_DAMPING = 1e-3
_SMALLEST_DAMPING = 1e-12


@dataclass(frozen=True)
class Penalty:
    """alpha/(2n)·Σ weights²: strength (P,) is alpha for a weight and 0 for a bias; n rows in all."""

    strength: Array
    n: float

    def mean(self, total: Sums, theta: Array) -> Sums:
        """J̄, ∇J̄ and H at θ (S, P) from the sums over rows."""
        pull = self.strength * theta
        loss = (total.loss + 0.5 * (pull * theta).sum(axis=1)) / self.n
        matrix = (total.matrix + np.diag(self.strength)) / self.n
        return Sums(loss, (total.gradient + pull) / self.n, matrix)


@dataclass(eq=False)
class Descents:
    """S networks on their way down: θ (S, P), J̄ with derivatives there, μ (S,), Nielsen's ν (S,), finished (S,)."""

    theta: Array
    at: Sums
    damping: Array
    growth: Array
    finished: NDArray[np.bool_]
    iterations: NDArray[np.int64]

    def only(self, which: NDArray[np.bool_] | NDArray[np.int64]) -> Descents:
        """Some of them."""
        at = Sums(self.at.loss[which], self.at.gradient[which], self.at.matrix[which])
        return Descents(
            self.theta[which],
            at,
            self.damping[which],
            self.growth[which],
            self.finished[which],
            self.iterations[which],
        )


def evaluate(layout: Layout, theta: Array, parts: list[Rows], penalty: Penalty) -> Generator[None, None, Sums]:
    """J̄, ∇J̄ and H at θ (S, P), pausing after every part of the rows."""
    total = sums(layout, theta, parts[0])
    for part in parts[1:]:
        yield
        total = total + sums(layout, theta, part)
    return penalty.mean(total, theta)


def begin(theta: Array, at: Sums) -> Descents:
    """Descents that have made no step yet."""
    S = len(theta)
    largest = np.einsum("spp->sp", at.matrix).max(axis=1)
    damping = np.maximum(_FIRST_DAMPING * largest, _SMALLEST_DAMPING)
    return Descents(theta, at, damping, np.full(S, 2.0), np.zeros(S, dtype=bool), np.zeros(S, dtype=np.int64))


def step(
    layout: Layout, descents: Descents, parts: list[Rows], penalty: Penalty, tolerance: float
) -> Generator[None, None, None]:
    """One iteration of every descent that has not finished, in place."""
    going = np.flatnonzero(~descents.finished)
    theta, H, g = descents.theta[going], descents.at.matrix[going], descents.at.gradient[going]
    loss, mu, nu = descents.at.loss[going], descents.damping[going], descents.growth[going]
    P = theta.shape[1]
    delta = np.linalg.solve(H + mu[:, None, None] * np.eye(P), -g[:, :, None])[:, :, 0]
    promised = 0.5 * (delta * (mu[:, None] * delta - g)).sum(axis=1)
    trial = theta + delta
    at = yield from evaluate(layout, trial, parts, penalty)
    decrease = loss - at.loss
    accepted = decrease > 0
    with np.errstate(all="ignore"):
        gain = np.where(promised > 0, decrease / promised, 0.0)
    descents.iterations[going] += 1
    kept = going[accepted]
    descents.theta[kept] = trial[accepted]
    descents.at.loss[kept], descents.at.gradient[kept], descents.at.matrix[kept] = (
        at.loss[accepted],
        at.gradient[accepted],
        at.matrix[accepted],
    )
    shrink = np.maximum(1 / 3, 1 - (2 * np.clip(gain, 0.0, 2.0) - 1) ** 3)
    descents.damping[going] = np.maximum(np.where(accepted, mu * shrink, mu * nu), _SMALLEST_DAMPING)
    descents.growth[going] = np.where(accepted, 2.0, 2 * nu)
    small = promised <= tolerance * loss
    descents.finished[going] = small | (mu > 1e12)

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

Descents that go on over other rows (a finer level) keep the μ that they had come to: near a minimum it is
five powers of ten below the first one, which would cost them ten passes.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass, replace

import numpy as np

from app.network.loss import Sums
from app.network.objective import Objective
from app.network.parameters import Array, Mask
from app.network.rows import Indices
from app.network.solvers.next_step import SMALLEST_DAMPING, NextStep, gauss_newton, newton

FAR, NEAR = 1e-1, 1e-4
"""The first μ as a share of H's largest diagonal entry: a tenth far from a minimum (over 14 hard data sets a start then
found the best basin as often as with 1e-3 or 3, or more often), next to nothing near one.
"""

_NOTHING = 1e-15
"""J̄ in nats a row below which nothing can be told apart."""

_NO_PROMISE = 1e-30
"""Keeps the ratio of decrease to promise a number."""


@dataclass(frozen=True, eq=False)
class Entries:
    """Where S descents enter some rows.

    start (S,), theta (S, P), steps (S,): see Descents; damping (S,) and loss (S,): what μ and J̄ had come to on the rows
    before, None when they begin.
    """

    start: Indices
    theta: Array
    steps: Indices
    damping: Array | None = None
    loss: Array | None = None


@dataclass(eq=False)
class Descents:
    """S networks on their way down.

    start (S,) which start each came from; theta (S, P); at: J̄ and its derivatives there; damping (S,) μ; growth (S,)
    Nielsen's ν; next_step: the next step from there; steps (S,) made so far.
    """

    start: Indices
    theta: Array
    at: Sums
    damping: Array
    growth: Array
    next_step: NextStep
    steps: Indices

    @property
    def loss(self) -> Array:
        """J̄ (S,)."""
        return self.at.loss

    def only(self, which: Indices) -> Descents:
        """Some of them, in that order."""
        at, next_step = self.at.only(which), self.next_step.only(which)
        damping, growth = self.damping[which], self.growth[which]
        return Descents(self.start[which], self.theta[which], at, damping, growth, next_step, self.steps[which])

    def leaving(self, which: Indices) -> Entries:
        """Some of them, to go on over other rows."""
        damping, loss = self.damping[which], self.loss[which]
        return Entries(self.start[which], self.theta[which], self.steps[which], damping, loss)


def begin(objective: Objective, entries: Entries, *, exact: bool) -> Generator[None, None, Descents]:
    """Descents where they enter, far from a minimum (exact: near one)."""
    at = yield from objective.at(entries.theta, exact)
    largest = np.abs(np.einsum("spp->sp", at.matrix)).max(axis=1)
    first = np.maximum((NEAR if exact else FAR) * largest, SMALLEST_DAMPING)
    mu = first if entries.damping is None else np.minimum(entries.damping, first)
    next_step = _next_step(at, mu, exact)
    return Descents(entries.start, entries.theta.copy(), at, mu, np.full(len(mu), 2.0), next_step, entries.steps.copy())


def step(objective: Objective, descents: Descents, going: Indices, *, exact: bool) -> Generator[None, None, None]:
    """One iteration of the descents with these indices, in place."""
    theta = descents.theta[going] + descents.next_step.delta[going]
    at = yield from objective.at(theta, exact)
    decrease = descents.loss[going] - at.loss
    accepted = decrease > 0  # False for NaN
    gain = np.clip(decrease / np.maximum(descents.next_step.promised[going], _NO_PROMISE), -1.0, 2.0)
    descents.theta[going[accepted]] = theta[accepted]
    descents.at.put(going[accepted], at.only(np.flatnonzero(accepted)))
    shorter = np.maximum(1 / 3, 1 - (2 * gain - 1) ** 3)
    mu, nu = descents.damping[going], descents.growth[going]
    mu = np.clip(np.where(accepted, mu * shorter, mu * nu), SMALLEST_DAMPING, 1e100)
    descents.damping[going] = mu
    descents.growth[going] = np.where(accepted, 2.0, np.minimum(2 * nu, 1e6))
    descents.next_step.put(going, _next_step(descents.at.only(going), mu, exact))
    descents.steps[going] += 1


def finished(descents: Descents, tolerance: float) -> Mask:
    """Which descents expect to gain no more than that share of J̄."""
    return descents.next_step.left <= tolerance * descents.loss + _NOTHING


def last_step(objective: Objective, descents: Descents) -> Generator[None, None, Descents]:
    """One more step of descents that have finished, without derivatives at its end: a third of the cost of a pass.

    Newton's error is squared with every step, so that what was a share of 1e-9 of J̄ becomes the last digits.
    """
    theta = descents.theta + descents.next_step.delta
    loss = yield from objective.loss_at(theta)
    accepted = loss < descents.loss
    at = Sums(np.where(accepted, loss, descents.loss), descents.at.gradient, descents.at.matrix, descents.at.bend)
    theta = np.where(accepted[:, None], theta, descents.theta)
    return replace(descents, theta=theta, at=at, steps=descents.steps + accepted)


def _next_step(at: Sums, mu: Array, exact: bool) -> NextStep:
    return newton(at, mu) if exact else gauss_newton(at, mu)

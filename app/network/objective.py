"""What a training minimises: J̄(θ) = 1/n·Σᵣ loss + alpha/(2n)·Σ weights², biases not penalised.

This is scikit-learn's MLPClassifier(alpha=…) on standardised inputs, so that the two compare number for number.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass

import numpy as np

from app.network.layout import Layout
from app.network.loss import Sums, losses, sums
from app.network.parameters import Array
from app.network.rows import Rows

_WORK = 1 << 26
"""Rows × networks × P² between two pauses: some tens of milliseconds."""


@dataclass(frozen=True, eq=False)
class Objective:
    """J̄ over rows; alpha; n (what the counts of all the rows of the training add up to)."""

    layout: Layout
    rows: Rows
    alpha: float
    n: float

    def on(self, rows: Rows) -> Objective:
        """The same over other rows."""
        return Objective(self.layout, rows, self.alpha, self.n)

    def in_single_precision(self) -> Objective:
        """The same, with sums over rows that are right to about six digits."""
        return self.on(self.rows.in_single_precision())

    def at(self, theta: Array, exact: bool = False) -> Generator[None, None, Sums]:
        """J̄ (S,), ∇J̄ (S, P) and its Gauss-Newton matrix (S, P, P), with a pause now and then. `exact`: also what the
        Hessian has beside.

        Weights that have run away give inf or NaN, without a warning: the solvers look at J̄ before they accept it.
        """
        step = max(4096, _WORK // (len(theta) * self.layout.size**2))
        total = self._sums(theta, 0, step, exact)
        for first in range(step, len(self.rows), step):
            yield
            total = total + self._sums(theta, first, step, exact)
        with np.errstate(over="ignore", invalid="ignore"):
            strength = self.alpha * self.layout.penalised()
            pull = strength * theta
            loss = (total.loss + 0.5 * (pull * theta).sum(axis=1)) / self.n
            matrix = total.matrix + np.diag(strength)
            return Sums(loss, (total.gradient + pull) / self.n, matrix / self.n, total.bend / self.n)

    def _sums(self, theta: Array, first: int, step: int, exact: bool) -> Sums:
        with np.errstate(over="ignore", invalid="ignore"):  # never around a yield: it would leak to the consumer
            return sums(self.layout, theta, self.rows.part(slice(first, first + step)), exact)

    def loss_at(self, theta: Array) -> Generator[None, None, Array]:
        """J̄ (S,) alone."""
        step = max(4096, _WORK // (len(theta) * self.layout.size**2))
        total = np.zeros(len(theta))
        for first in range(0, len(self.rows), step):
            if first:
                yield
            with np.errstate(over="ignore", invalid="ignore"):
                total += losses(self.layout, theta, self.rows.part(slice(first, first + step)))
        with np.errstate(over="ignore", invalid="ignore"):
            return (total + 0.5 * self.alpha * (theta**2 @ self.layout.penalised())) / self.n

    def penalty(self, theta: Array) -> float:
        """alpha/(2n)·Σ weights² of θ (P,)."""
        weights = theta * self.layout.penalised()
        return float(0.5 * self.alpha * (weights @ weights) / self.n)

    def base_rate_loss(self) -> float:
        """The mean cross-entropy of one probability for everybody, the share of promoted."""
        share = float(self.rows.promoted.sum() / self.rows.counts.sum())
        return float(-share * np.log(share) - (1.0 - share) * np.log1p(-share))

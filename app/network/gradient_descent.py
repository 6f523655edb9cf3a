"""The notes' rule: w ← w − η ∂J̄/∂w, b ← b − η ∂J̄/∂b, over all rows at once.

For teaching and for comparison: every epoch is one step along the gradient of J̄ on standardised inputs.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass

import numpy as np

from app.network.gauss_newton import Penalty, evaluate
from app.network.loss import Layout, Rows
from app.network.parameters import Array

# ‖∇J̄‖ in the largest component at which a step changes nothing that a score would show.
_TOLERANCE = 1e-9


@dataclass(frozen=True, eq=False)
class Epoch:
    """After how many epochs, θ (P,) and J̄ there; finite tells whether both still are numbers."""

    number: int
    theta: Array
    objective: float
    gradient: float

    @property
    def finite(self) -> bool:
        """Whether the step size has not yet thrown the weights out of the doubles."""
        return bool(np.isfinite(self.objective) and np.all(np.isfinite(self.theta)))

    @property
    def stationary(self) -> bool:
        """Whether the gradient has vanished."""
        return self.gradient <= _TOLERANCE


def descend(
    layout: Layout, theta: Array, parts: list[Rows], penalty: Penalty, learning_rate: float, epochs: int
) -> Generator[Epoch | None, None, None]:
    """θ (P,) and what becomes of it: an Epoch each, None at a pause within one; ends at the first that is final."""
    theta = theta[None, :]
    with np.errstate(over="ignore", invalid="ignore"):  # a rate that is too large ends as an outcome, not as a warning
        for number in range(epochs + 1):
            at = yield from evaluate(layout, theta, parts, penalty)
            now = Epoch(number, theta[0], float(at.loss[0]), float(np.abs(at.gradient).max()))
            yield now
            if not now.finite or now.stationary:
                return
            theta = theta - learning_rate * at.gradient

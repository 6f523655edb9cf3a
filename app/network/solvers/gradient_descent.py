"""The notes' rule: w ← w − η ∂J̄/∂w, b ← b − η ∂J̄/∂b, over all rows at once.

For teaching and for comparison: every epoch is one step along the gradient of J̄ on standardised inputs.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from app.network.fitted import Outcome
from app.network.objective import Objective
from app.network.parameters import Array
from app.network.progress import Progress, told

_STATIONARY = 1e-9
"""The largest ∂J̄/∂w at which further steps change nothing that a score would show."""


@dataclass(frozen=True, eq=False)
class Descended:
    """θ (P,) with J̄ there, the steps that led to it and how they ended."""

    theta: Array
    objective: float
    steps: int
    outcome: Outcome


def first_weights(objective: Objective, rng: np.random.Generator) -> Array:
    """θ (P,): zeros for the single neuron; random within ±1 for two layers, whose units would else stay alike."""
    size = objective.layout.size
    return rng.uniform(-1.0, 1.0, size) if objective.layout.h else np.zeros(size)


def gradient_descent(
    objective: Objective, theta: Array, *, learning_rate: float, epochs: int
) -> Generator[Progress, None, Descended]:
    """Step until the gradient vanishes, the epochs are used up, or J̄ is no number any more."""
    last = Descended(theta, objective.base_rate_loss(), 0, "not_finite")
    progress = Progress(1, 1, 0, last.objective, 0.0)
    for epoch in range(epochs + 1):
        at = yield from told(objective.at(theta[None, :]), partial(_same, progress))
        value, gradient = float(at.loss[0]), at.gradient[0]
        if not np.isfinite(value) or not np.all(np.isfinite(gradient)):
            return replace(last, outcome="not_finite")
        stationary = bool(np.abs(gradient).max() <= _STATIONARY)
        last = Descended(theta, value, epoch, "converged" if stationary else "iteration_limit")
        done = 1.0 if stationary else epoch / max(1, epochs)
        progress = Progress(1, 1, epoch, value - objective.penalty(theta), done)
        yield progress
        if stationary:
            break
        with np.errstate(over="ignore"):  # a rate too large ends as an outcome, not as a warning
            theta = theta - learning_rate * gradient
    return last


def _same(progress: Progress, _pause: None) -> Progress:
    return progress

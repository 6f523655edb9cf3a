"""What a training comes to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from app.network.parameters import Parameters

Outcome = Literal["converged", "iteration_limit", "not_finite"]


@dataclass(frozen=True, eq=False)
class Fitted:
    """A trained network.

    parameters  in raw units
    outcome     "converged", "iteration_limit", or "not_finite" (then the weights are those of the last finite step)
    iterations  steps that led to it
    loss        mean cross-entropy on the training rows, in nats, without the penalty
    objective   J̄: loss + alpha/(2n)·Σ weights² on standardised inputs
    """

    parameters: Parameters
    outcome: Outcome
    iterations: int
    loss: float
    objective: float

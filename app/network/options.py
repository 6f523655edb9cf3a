"""How a network is trained: the options that the mathematics takes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from app.network.parameters import Kind

Solver = Literal["gauss_newton", "gradient_descent"]


@dataclass(frozen=True)
class FitOptions:
    """How to train.

    network         "two_layer", or "single_neuron" (convex: starts and hidden_units do not matter)
    hidden_units    h
    solver          "gauss_newton", or the notes' "gradient_descent"
    learning_rate   η of gradient_descent, on standardised inputs
    epochs          steps of gradient_descent, each over all rows
    max_iterations  steps that one start of gauss_newton may make, over levels and all rows together
    alpha           strength of the penalty alpha/(2n)·Σ weights²; 0 is allowed
    seed            of every random choice
    starts          from how many random starts gauss_newton descends; None: see starts.py
    """

    network: Kind = "two_layer"
    hidden_units: int = 2
    solver: Solver = "gauss_newton"
    # On standardised inputs it descended on every world of benchmarks/worlds.py; 0.1 only takes ten times the epochs.
    learning_rate: float = 1.0
    # Enough to show the shape of the curve, in a second on 20,000 rows; gauss_newton is there to reach the minimum.
    epochs: int = 2000
    # Most trainings take 20 to 50, flat valleys of a million rows up to 120; more is for separable data with alpha 0.
    max_iterations: int = 200
    alpha: float = 0.1
    seed: int = 0
    starts: int | None = None

"""What goes into a training and what comes out: options, progress, result, and the refusal of unusable data."""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import Literal, TypeVar

from app.network.parameters import Kind, Parameters

Outcome = Literal["converged", "iteration_limit", "not_finite"]
Solver = Literal["gauss_newton", "gradient_descent"]
Result = TypeVar("Result")


class UnusableData(ValueError):
    """These rows cannot be trained on; the message says why and holds no value of theirs."""


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
    starts          from how many random starts gauss_newton descends; None: see starts_on
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

    def starts_on(self, rows: int) -> int:
        """How many starts are made on so many rows.

        One start in six to one in twenty finds the best basin of a hard data set (benchmarks/optimum.py): 128 by
        default. On few rows with next to no penalty it can be one in a thousand, and starts cost next to nothing:
        below 2,048 rows as many more as cost the same, at most 1,024. A step costs the square of the weights, so
        that more than two hidden units bring that down to 128 again.
        """
        more = min(1024, 2**18 // rows)
        return self.starts or max(128, more * 4 // max(2, self.hidden_units) ** 2)


@dataclass(frozen=True)
class Progress:
    """Where a training stands.

    start      number (from 1) of the start that leads, of starts
    iteration  steps that it has made
    loss       mean cross-entropy there, in nats, without the penalty; of a level while starts are compared
    done       share of the work, an estimate in [0, 1] that never decreases
    """

    start: int
    starts: int
    iteration: int
    loss: float
    done: float


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


def with_progress(
    run: Generator[None, None, Result], progress: Callable[[], Progress]
) -> Generator[Progress, None, Result]:
    """A run that pauses now and then, with a progress at each pause; its result in the end."""
    while True:
        try:
            next(run)
        except StopIteration as end:
            result: Result = end.value
            return result
        yield progress()

"""A training: raw inputs and decisions in, a network in raw units out, with progress on the way."""

from __future__ import annotations

from collections.abc import Generator

import numpy as np

from app.network.fitted import Fitted, Outcome
from app.network.options import FitOptions
from app.network.parameters import Array
from app.network.progress import Progress
from app.network.solvers.gradient_descent import first_weights, gradient_descent
from app.network.solvers.race import race
from app.network.solvers.starts import starts_on
from app.network.training_set import TrainingSet, pose


def fit(inputs: Array, targets: Array, options: FitOptions) -> Generator[Progress, None, Fitted]:
    """Train on inputs (n, d) in raw units and targets (n,) of 0 and 1; stop iterating at any progress to cancel.

    Raises UnusableData before the first progress. The same data, options and seed give the same weights.
    """
    training_set = pose(inputs, targets, options)
    del inputs, targets  # a million rows need not be in memory twice
    return (yield from solve(training_set, options))


def solve(training_set: TrainingSet, options: FitOptions) -> Generator[Progress, None, Fitted]:
    """Train on a training set that was posed with these options."""
    objective, rng = training_set.objective, np.random.default_rng(options.seed)
    if options.solver == "gradient_descent":
        theta = first_weights(objective, rng)
        run = gradient_descent(objective, theta, learning_rate=options.learning_rate, epochs=options.epochs)
        end = yield from run
        return training_set.fitted(end.theta, end.objective, end.steps, end.outcome)
    best, converged = yield from race(
        objective, starts=starts_on(int(objective.n), options), max_iterations=options.max_iterations, rng=rng
    )
    outcome: Outcome = "converged" if converged else "iteration_limit"
    return training_set.fitted(best.theta[0], float(best.loss[0]), int(best.steps[0]), outcome)

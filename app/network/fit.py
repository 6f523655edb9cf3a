"""A training: raw inputs and decisions in, a network in raw units out, with progress on the way."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass

import numpy as np

from app.network.grouping import group
from app.network.layout import Layout
from app.network.objective import Objective
from app.network.parameters import Array
from app.network.rows import Rows
from app.network.solvers.gradient_descent import first_weights, gradient_descent
from app.network.solvers.race import race
from app.network.standardise import LARGEST_INPUT, Scale, measure
from app.network.training import FitOptions, Fitted, Outcome, Progress, Solver, UnusableData

__all__ = ["FitOptions", "Fitted", "Outcome", "Problem", "Progress", "Solver", "UnusableData", "fit", "pose", "solve"]


@dataclass(frozen=True, eq=False)
class Problem:
    """The objective on distinct, standardised rows, the scale by which its θ is folded back to raw units, and the
    inputs (d, g) of those rows in raw units.
    """

    objective: Objective
    scale: Scale
    inputs: Array

    def fitted(self, theta: Array, objective: float, steps: int, outcome: Outcome) -> Fitted:
        """The result of a solver that ended at θ (P,)."""
        loss = objective - self.objective.penalty(theta)
        return Fitted(self.objective.layout.parameters(theta, self.scale), outcome, steps, loss, objective)


def fit(inputs: Array, targets: Array, options: FitOptions) -> Generator[Progress, None, Fitted]:
    """Train on inputs (n, d) in raw units and targets (n,) of 0 and 1; stop iterating at any progress to cancel.

    Raises UnusableData before the first progress. The same data, options and seed give the same weights.
    """
    problem = pose(inputs, targets, options)
    del inputs, targets  # a million rows need not be in memory twice
    return (yield from solve(problem, options))


def solve(problem: Problem, options: FitOptions) -> Generator[Progress, None, Fitted]:
    """Train on a problem that was posed with these options."""
    objective, rng = problem.objective, np.random.default_rng(options.seed)
    if options.solver == "gradient_descent":
        theta = first_weights(objective, rng)
        run = gradient_descent(objective, theta, learning_rate=options.learning_rate, epochs=options.epochs)
        end = yield from run
        return problem.fitted(end.theta, end.objective, end.steps, end.outcome)
    best, converged = yield from race(
        objective, starts=options.starts_on(int(objective.n)), max_iterations=options.max_iterations, rng=rng
    )
    outcome: Outcome = "converged" if converged else "iteration_limit"
    return problem.fitted(best.theta[0], float(best.loss[0]), int(best.steps[0]), outcome)


def pose(inputs: Array, targets: Array, options: FitOptions) -> Problem:
    """Check, group and standardise inputs (n, d) in raw units and targets (n,). Raises UnusableData."""
    columns = np.ascontiguousarray(inputs.T, dtype=np.float64)  # (d, n)
    y = np.ascontiguousarray(targets, dtype=np.float64)
    _check(columns, y)
    X, counts, promoted = group(columns, y)
    scale = measure(X, counts)
    standardised = np.ones((len(X) + 1, X.shape[1]))  # the last row stays: the biases' ones
    scale.standardised(X, out=standardised[:-1])
    layout = Layout(len(X), options.hidden_units if options.network == "two_layer" else 0)
    return Problem(Objective(layout, Rows(standardised, counts, promoted), options.alpha, float(len(y))), scale, X)


def _check(columns: Array, y: Array) -> None:
    """Whether anything can be learnt from columns (d, n) and y (n,)."""
    n = len(y)
    if n < 3:
        raise UnusableData("at least 3 rows are needed")
    if not max(columns.max(), -columns.min()) <= LARGEST_INPUT:  # True for NaN as well
        raise UnusableData("every input must be a finite number, at most 1e100 in size")
    if not np.all((y == 0) | (y == 1)):
        raise UnusableData("every target must be 0 or 1")
    if y.min() == y.max():
        raise UnusableData("both decisions must occur: promoted and not promoted")

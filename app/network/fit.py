"""A training: raw inputs and decisions in, a network in raw units out, with progress on the way."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from typing import Literal

import numpy as np

from app.network.gauss_newton import Descents, Penalty, begin, evaluate, step
from app.network.gradient_descent import Epoch, descend
from app.network.grouping import group
from app.network.loss import Layout, Rows
from app.network.parameters import Array, Kind, Parameters
from app.network.standardise import LARGEST_INPUT, Scale, measure
from app.network.starts import random_starts

Outcome = Literal["converged", "iteration_limit", "not_finite"]
Solver = Literal["gauss_newton", "gradient_descent"]

_TOLERANCE = 1e-11
_PART = 1 << 18


class UnusableData(ValueError):  # noqa: N818: the name says what is wrong, as a problem code does
    """These rows cannot be trained on; the message says why and holds no value of theirs."""


@dataclass(frozen=True)
class FitOptions:
    """How to train.

    network         "two_layer", or "single_neuron" (convex: starts and hidden_units do not matter)
    hidden_units    h
    solver          "gauss_newton", or the notes' "gradient_descent"
    learning_rate   η of gradient_descent, per unit of standardised input
    epochs          steps of gradient_descent, each over all rows
    max_iterations  steps of gauss_newton at the end, over all rows
    alpha           strength of the penalty alpha/(2n)·Σ weights²; 0 is allowed
    seed            of every random choice
    starts          descents that gauss_newton begins
    """

    network: Kind = "two_layer"
    hidden_units: int = 2
    solver: Solver = "gauss_newton"
    learning_rate: float = 1.0
    epochs: int = 2000
    max_iterations: int = 200
    alpha: float = 0.1
    seed: int = 0
    starts: int = 32


@dataclass(frozen=True)
class Progress:
    """Where a training stands: start (from 1) of starts, iteration within it, mean loss, share done in [0, 1]."""

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
    iterations  steps made on all rows
    loss        mean cross-entropy on the training rows, in nats, without the penalty
    objective   J̄: loss + alpha/(2n)·Σ weights² on standardised inputs
    """

    parameters: Parameters
    outcome: Outcome
    iterations: int
    loss: float
    objective: float


@dataclass(frozen=True, eq=False)
class Problem:
    """What a training minimises: rows in parts that pause between them, the penalty, and the scale to fold back."""

    layout: Layout
    rows: Rows
    parts: list[Rows]
    penalty: Penalty
    scale: Scale

    def fitted(self, theta: Array, outcome: Outcome, iterations: int, objective: float) -> Fitted:
        """θ (P,) in raw units."""
        pull = 0.5 * float((self.penalty.strength * theta * theta).sum()) / self.penalty.n
        return Fitted(fold_back(self.layout, theta, self.scale), outcome, iterations, objective - pull, objective)


def fit(inputs: Array, targets: Array, options: FitOptions) -> Generator[Progress, None, Fitted]:
    """Train on inputs (n, d) in raw units and targets (n,) of 0 and 1; stop iterating at any progress to cancel.

    Raises UnusableData before the first progress. The same data, options and seed give the same weights.
    """
    problem = pose(inputs, targets, options)
    rng = np.random.default_rng(options.seed)
    if options.solver == "gradient_descent":
        return (yield from _gradient_descent(problem, options, rng))
    return (yield from _gauss_newton(problem, options, rng))


def pose(inputs: Array, targets: Array, options: FitOptions) -> Problem:
    """Check, group and standardise."""
    n, d = inputs.shape
    if n < 3:
        raise UnusableData("at least 3 rows are needed")
    if not np.all(np.isfinite(inputs)) or np.abs(inputs).max() > LARGEST_INPUT:
        raise UnusableData("every input must be a finite number")
    y = np.asarray(targets, dtype=np.float64)
    positive = float(y.sum())
    if not np.all((y == 0) | (y == 1)):
        raise UnusableData("every target must be 0 or 1")
    if positive in (0.0, float(n)):
        raise UnusableData("both decisions must occur: promoted and not promoted")
    X, counts, promoted = group(np.ascontiguousarray(inputs.T, dtype=np.float64), y)
    scale = measure(X, counts)
    rows = Rows(np.concatenate([scale.standardised(X), np.ones((1, X.shape[1]))]), counts, promoted)
    layout = Layout(d, options.hidden_units if options.network == "two_layer" else 0)
    parts = [rows.part(slice(first, first + _PART)) for first in range(0, len(rows), _PART)]
    return Problem(layout, rows, parts, Penalty(options.alpha * layout.penalised(), float(n)), scale)


def fold_back(layout: Layout, theta: Array, scale: Scale) -> Parameters:
    """The network of θ (P,) for raw inputs."""
    d, h, hidden_size = layout.d, layout.h, layout.hidden_size
    if not h:
        output, bias = scale.raw(theta[:d], theta[d])
        return Parameters(None, None, output, float(bias))
    block = theta[:hidden_size].reshape(h, d + 1)
    hidden, hidden_bias = scale.raw(np.ascontiguousarray(block[:, :d].T), block[:, d])
    return Parameters(hidden, hidden_bias, theta[hidden_size:-1].copy(), float(theta[-1]))


def _gradient_descent(
    problem: Problem, options: FitOptions, rng: np.random.Generator
) -> Generator[Progress, None, Fitted]:
    theta = np.zeros(problem.layout.size)
    if problem.layout.h:
        theta = rng.uniform(-1.0, 1.0, problem.layout.size)
    last: Epoch | None = None
    done, loss = 0.0, float("nan")
    descent = descend(problem.layout, theta, problem.parts, problem.penalty, options.learning_rate, options.epochs)
    for epoch in descent:
        if epoch is not None:
            if not epoch.finite:
                assert last is not None
                return problem.fitted(last.theta, "not_finite", last.number, last.objective)
            last, loss, done = epoch, epoch.objective, epoch.number / max(1, options.epochs)
        if last is not None:
            yield Progress(1, 1, last.number, loss, done)
    assert last is not None
    outcome: Outcome = "converged" if last.stationary else "iteration_limit"
    return problem.fitted(last.theta, outcome, last.number, last.objective)


def _gauss_newton(problem: Problem, options: FitOptions, rng: np.random.Generator) -> Generator[Progress, None, Fitted]:
    layout, n = problem.layout, problem.penalty.n
    if layout.h:
        theta = random_starts(layout, problem.rows, options.starts, options.alpha, rng)
    else:
        theta = np.zeros((1, layout.size))
    starts = len(theta)
    run = evaluate(layout, theta, problem.parts, problem.penalty)
    while True:
        try:
            next(run)
        except StopIteration as end:
            at = end.value
            break
        yield Progress(1, starts, 0, float("nan"), 0.0)
    descents = begin(theta, at)
    for i in range(options.max_iterations):
        for _ in step(layout, descents, problem.parts, problem.penalty, _TOLERANCE):
            pass
        yield Progress(1, starts, i + 1, float(descents.at.loss.min()), (i + 1) / options.max_iterations)
        if descents.finished.all():
            break
    best = int(np.argmin(descents.at.loss))
    outcome: Outcome = "converged" if descents.finished[best] else "iteration_limit"
    return problem.fitted(descents.theta[best], outcome, int(descents.iterations[best]), float(descents.at.loss[best]))

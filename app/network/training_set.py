"""What is trained on: raw inputs and decisions, checked, grouped and standardised."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from app.network.fitted import Fitted, Outcome
from app.network.grouping import group
from app.network.layout import Layout
from app.network.objective import Objective
from app.network.options import FitOptions
from app.network.parameters import Array
from app.network.rows import Rows
from app.network.standardise import LARGEST_INPUT, Scale, measure


class UnusableData(ValueError):
    """These rows cannot be trained on. The message says why, and holds no value of theirs."""


@dataclass(frozen=True, eq=False)
class TrainingSet:
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


def pose(inputs: Array, targets: Array, options: FitOptions) -> TrainingSet:
    """Check, group and standardise inputs (n, d) in raw units and targets (n,). Raises UnusableData."""
    columns = np.ascontiguousarray(inputs.T, dtype=np.float64)  # (d, n)
    y = np.ascontiguousarray(targets, dtype=np.float64)
    _check(columns, y)
    X, counts, promoted = group(columns, y)
    scale = measure(X, counts)
    standardised = np.ones((len(X) + 1, X.shape[1]))  # the last row stays: the biases' ones
    scale.standardised(X, out=standardised[:-1])
    layout = Layout(len(X), options.hidden_units if options.network == "two_layer" else 0)
    return TrainingSet(Objective(layout, Rows(standardised, counts, promoted), options.alpha, float(len(y))), scale, X)


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

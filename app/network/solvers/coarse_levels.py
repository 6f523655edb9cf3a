"""The coarse levels of many rows: those on which starts race, and those on which descents converge.

Up to three inputs the rows are gathered in cells, beyond that a sample is drawn: with four inputs 1,024 cells would be
five bins along each. Each level is made from the next finer one.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from app.network.loss import row_losses
from app.network.objective import Objective
from app.network.parameters import Array, Mask
from app.network.solvers.cells import coarsen
from app.network.solvers.sample import sample

MOST_INPUTS = 3

CELLS = (1024, 1024), (4096, 65536)
SAMPLES = (2048, 8192), (32768, 262144)
"""Rows of the levels: one for each heat, then those on which descents converge. A level must be less than half of the
rows.
"""

_STANDARD_ERRORS = 4.0
"""A basin of a sample is undecided while it is no more than so many standard errors behind the best."""


@dataclass(frozen=True, eq=False)
class Level:
    """The objective on rows that stand for all; exact: as cells do, without chance."""

    objective: Objective
    exact: bool

    def undecided(self, theta: Array, loss: Array, moved: float) -> Mask:
        """Which of the basins θ (B, P) with J̄ loss (B,), the best first, may be the best on all rows.

        moved: by how much J̄ changed on coming here from the level before. What cells get wrong falls with the square
        of their width (where no unit is steeper than that), so that all the finer ones together will move J̄ by less.
        """
        behind = loss - loss[0]
        if self.exact:
            bearable = np.full(len(loss), moved)
        else:
            rows, n = self.objective.rows, self.objective.n
            per_row = row_losses(self.objective.layout, theta, rows)
            difference = per_row - per_row[0]  # (B, rows)
            spread = np.sqrt(((difference - difference.mean(axis=1, keepdims=True)) ** 2).sum(axis=1)) / n
            optimism = theta.shape[1] / (2.0 * len(rows))  # what a fit gains on the rows it was fitted to
            bearable = _STANDARD_ERRORS * spread + optimism
        undecided: Mask = behind <= bearable
        return undecided


def levels(objective: Objective, rng: np.random.Generator) -> tuple[list[Objective], list[Level]]:
    """The objective for each heat, and the levels on which to converge, the last of which has all rows.

    The heats' are in single precision: they only tell which starts are worth going on with.
    """
    d, everything = objective.layout.d, Level(objective, exact=True)
    few = d <= MOST_INPUTS
    heats, stages = CELLS if few else SAMPLES
    rows, made = objective.rows, {}
    for size in sorted({*heats, *stages}, reverse=True):
        if 2 * size < len(objective.rows):
            rows = coarsen(rows, size) if few else sample(rows, size, rng)
            made[size] = Level(objective.on(rows), exact=few)
    return (
        [made.get(size, everything).objective.in_single_precision() for size in heats],
        [*(made[size] for size in stages if size in made), everything],
    )

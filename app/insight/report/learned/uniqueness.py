"""Is the network the only answer to its data, or would another training have been as good and scored people otherwise?

A network of two layers has many minima. Some random starts descend until they converge, and their ends are compared
with the network (two_networks.py): one that is as good and another function is another answer.

Many rows are gathered in cells, as for the starts of a training, and the network itself goes on to its minimum there: a
step that is narrower than a cell would look different in it and in the others. The few best that still differ are
compared again on sixteen times as many cells.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

import numpy as np

from app.insight.report.learned.two_networks import Agreement, agreement_with
from app.network.objective import Objective
from app.network.parameters import Array, Parameters
from app.network.progress import result_of
from app.network.rows import Indices, Rows
from app.network.solvers.cells import coarsen
from app.network.solvers.coarse_levels import MOST_INPUTS
from app.network.solvers.gauss_newton import Descents, Entries, begin, finished, step
from app.network.solvers.sample import sample
from app.network.solvers.starts import random_starts
from app.network.training_set import TrainingSet

STARTS = 32
_ROWS, _MORE_ROWS = 1024, 16384
_LOOKED_AT_AGAIN = 3
_SEED = 1

_FIRST_STEPS, _MOST_STEPS, _FEW_STEPS = 10, 60, 20
"""As in a training: ten Gauss-Newton steps, then Newton's. A minimum that is still not there after so many is no
answer.
"""

_FINE = 1e-6
"""A descent has converged when it expects to gain no more than this share of J̄."""


def solution(parameters: Parameters, training_set: TrainingSet) -> Generator[None, None, dict[str, Any]]:
    """The section "solution" of a network that was trained on a training_set, with pauses.

    unique              no other answer was found
    starts              random starts made
    starts_in_best      how many of them ended in the network's own function
    as_good             how many ended in another function that is as good
    largest_difference  of the probability at a row, between the network and those: 0 when there are none
    """
    if parameters.hidden is None:  # convex: one minimum
        return {"unique": True, "starts": 1, "starts_in_best": 1, "as_good": 0, "largest_difference": 0.0}
    rng = np.random.default_rng(_SEED)
    whole = training_set.objective
    own = whole.layout.theta(parameters, training_set.scale)
    objective, finer = (whole.on(_gathered(whole.rows, rows, rng)) for rows in (_ROWS, _MORE_ROWS))
    first = yield from _descents(objective, random_starts(objective, STARTS, rng), _FIRST_STEPS, exact=False)
    ends = yield from _descents(objective, np.vstack([own, first.theta]), _MOST_STEPS, exact=True)
    found = agreement_with(objective, ends.theta[0], ends.theta[1:])
    agree, largest = found.agree, found.largest
    others = ~agree & found.as_good & finished(ends, _FINE)[1:]
    if len(finer.rows) > len(objective.rows):
        for some in _functions(objective, ends.theta[1:], np.flatnonzero(others), found):
            pair = yield from _descents(finer, np.vstack([own, ends.theta[1 + some[0]]]), _FEW_STEPS, exact=True)
            again = agreement_with(finer, pair.theta[0], pair.theta[1:])
            agree[some], largest[some] = again.agree[0], again.largest[0]
            others[some] = again.as_good[0] & ~again.agree[0]
    return {
        "unique": not bool(others.any()),
        "starts": STARTS,
        "starts_in_best": int(agree.sum()),
        "as_good": int(others.sum()),
        "largest_difference": float(largest[others].max(initial=0.0)),
    }


def _gathered(rows: Rows, most: int, rng: np.random.Generator) -> Rows:
    if len(rows) <= most:
        return rows
    return coarsen(rows, most) if len(rows.X) - 1 <= MOST_INPUTS else sample(rows, most, rng)


def _functions(objective: Objective, theta: Array, which: Indices, found: Agreement) -> list[Indices]:
    """The ends with these indices as groups that agree, the one with the least J̄ first in each, the best few groups."""
    left = which[np.argsort(found.behind[which], kind="stable")]
    groups: list[Indices] = []
    while len(left) and len(groups) < _LOOKED_AT_AGAIN:
        alike = agreement_with(objective, theta[left[0]], theta[left]).agree
        groups.append(left[alike])
        left = left[~alike]
    return groups


def _descents(objective: Objective, theta: Array, steps: int, *, exact: bool) -> Generator[None, None, Descents]:
    """Where descents from θ (S, P) are after so many steps, or have converged."""
    everyone = np.arange(len(theta))
    # On so few rows a step does not pause, so that nobody has to follow it.
    descents = result_of(begin(objective, Entries(everyone, theta, np.zeros_like(everyone)), exact=exact))
    for _ in range(steps):
        going = np.flatnonzero(~finished(descents, _FINE))
        if not len(going):
            break
        yield
        result_of(step(objective, descents, going, exact=exact))
    return descents

"""Many starts, one winner: descents race on a sample, and those that may still win go on to more rows.

A network of two layers has many minima, and the best is found by one start in six to one in twenty on hard data. So
many starts make ten steps each, the better half of them ten more, and the best of those converge. On many distinct rows
all this happens on a sample. A basin that is best on a sample need not be best on all rows, so every basin that the
sample cannot tell from the best (4 standard errors of the paired difference of losses) is carried to the next.
"""

from __future__ import annotations

from collections.abc import Generator

import numpy as np
from numpy.typing import NDArray

from app.network.gauss_newton import Descents, begin, finished, step
from app.network.loss import row_losses
from app.network.objective import Objective
from app.network.parameters import Array
from app.network.sample import sample
from app.network.starts import random_starts
from app.network.training import Progress, with_progress

Indices = NDArray[np.int64]

# Rows of the samples before the last stage, which is all rows. With no more than twice the first there is one stage.
SAMPLES = (4096, 32768, 262144)
# Steps before half of the descents is left behind. After ten the best basin's descents lead on nearly every data set
# tried; after six not yet.
_ROUND = 10
_ROUNDS = 2
# Descents that converge in the first stage, and basins that go on from it at most.
_FINALISTS = 12
# On small data a false leader is likelier and time is short anyway: as many more as make up so many rows.
_FINALIST_ROWS = 12_000
_CARRIED = 4
# Two descents whose J̄ differ by less than this share are in one basin, or in mirror images of it.
_SAME = 1e-6
_STANDARD_ERRORS = 4.0
# Share of J̄ that a descent may still expect to gain: on a sample, whose own error is larger; on all rows.
_ROUGH, _FINE = 1e-6, 1e-9


def race(
    objective: Objective, *, starts: int, max_iterations: int, rng: np.random.Generator
) -> Generator[Progress, None, tuple[Descents, bool]]:
    """The best descent, alone, and whether it converged."""
    stages = [objective]
    if objective.layout.h:
        samples = [size for size in SAMPLES if 2 * size < len(objective.rows)]
        stages = [objective.on(sample(objective.rows, size, rng)) for size in samples] + stages
        theta = random_starts(stages[0], starts, rng)
    else:
        theta = np.zeros((1, objective.layout.size))  # convex: every start ends in the same minimum
    report = Report(len(theta), objective.base_rate_loss())
    descents = yield from _heats(stages[0], theta, max_iterations, report)
    later = stages[1:] or stages
    for number, stage in enumerate(later, 1):
        last = number == len(later)
        report.span(max(report.done, 0.3 * number), 1.0 if last else 0.3 * (number + 1))
        descents = yield from _converge(
            stage, descents, max_iterations, report, tolerance=_FINE if last else _ROUGH, lead=len(stages) > 1
        )
        if not last:
            descents = descents.only(_may_win(stage, descents))
    best = descents.only(np.array([np.argmin(descents.loss)]))
    yield report.update(stages[-1], best, 1.0)
    return best, bool(finished(best, _FINE)[0])


def _heats(
    objective: Objective, theta: Array, max_iterations: int, report: Report
) -> Generator[Progress, None, Descents]:
    """A few Gauss-Newton steps from every start; after each round the better half goes on."""
    start, steps = np.arange(len(theta)), np.zeros(len(theta), dtype=np.int64)
    descents = yield from with_progress(begin(objective, start, theta, steps, exact=False), report.now)
    finalists = max(_FINALISTS, _FINALIST_ROWS // len(objective.rows))
    limit = min(_ROUND * _ROUNDS, max_iterations) if len(theta) > 1 else 0
    for i in range(limit):
        going = np.arange(len(descents.theta))
        yield from with_progress(step(objective, descents, going, exact=False), report.now)
        yield report.update(objective, descents, (i + 1) / limit)
        if (i + 1) % _ROUND == 0 and i + 1 < limit:
            descents = descents.only(_distinct(descents)[: max(finalists, len(going) // 2)])
    return descents.only(_distinct(descents)[:finalists])


def _converge(
    objective: Objective, descents: Descents, max_iterations: int, report: Report, *, tolerance: float, lead: bool
) -> Generator[Progress, None, Descents]:
    """Newton steps until every descent has converged, used up its steps, or (lead) fallen hopelessly behind."""
    begun = begin(objective, descents.start, descents.theta, descents.steps, exact=True)
    descents = yield from with_progress(begun, report.now)
    for i in range(max_iterations):
        open_ended = ~finished(descents, tolerance) & (descents.steps < max_iterations)
        if lead and i:
            # Near a minimum J̄ falls by about what is left; a descent that would need three times as much is beaten.
            open_ended &= descents.loss - 3.0 * descents.left <= descents.loss.min()
        going = np.flatnonzero(open_ended)
        if not len(going):
            break
        yield from with_progress(step(objective, descents, going, exact=True), report.now)
        yield report.update(objective, descents, 1.0 - 0.7 ** (i + 1))
    return descents


def _distinct(descents: Descents) -> Indices:
    """The descents in order of J̄, one of each basin."""
    order = np.argsort(descents.loss, kind="stable")
    loss = descents.loss[order]
    distinct: Indices = order[np.r_[True, np.diff(loss) > _SAME * loss[1:]]]
    return distinct


def _may_win(objective: Objective, descents: Descents) -> Indices:
    """The basins that this sample cannot tell from its best, that first."""
    order = _distinct(descents)
    per_row = row_losses(objective.layout, descents.theta[order], objective.rows)
    difference = per_row - per_row[0]  # (basins, rows)
    spread = np.sqrt(((difference - difference.mean(axis=1, keepdims=True)) ** 2).sum(axis=1)) / objective.n
    behind = descents.loss[order] - descents.loss[order[0]]
    optimism = descents.theta.shape[1] / (2.0 * len(objective.rows))  # what a fit gains on the rows it was fitted to
    undecided: Indices = order[behind <= _STANDARD_ERRORS * spread + optimism][:_CARRIED]
    return undecided


class Report:
    """The progress of a race; its share done never decreases."""

    def __init__(self, starts: int, loss: float) -> None:
        """Nothing done; the loss of the base rate."""
        self.done, self._from, self._to = 0.0, 0.0, 0.3
        self._progress = Progress(1, starts, 0, loss, 0.0)

    def span(self, first: float, last: float) -> None:
        """The next updates share this part of the whole."""
        self._from, self._to = first, last

    def now(self) -> Progress:
        """The last progress again."""
        return self._progress

    def update(self, objective: Objective, descents: Descents, share: float) -> Progress:
        """The descent that leads, and a share (0 to 1) of the present span."""
        leader = int(np.argmin(descents.loss))
        loss = float(descents.loss[leader]) - objective.penalty(descents.theta[leader])
        self.done = max(self.done, self._from + (self._to - self._from) * share)
        start, steps = int(descents.start[leader]) + 1, int(descents.steps[leader])
        self._progress = Progress(start, self._progress.starts, steps, loss, self.done)
        return self._progress

"""Many starts, one winner: descents race on a sample, and those that may still win go on to more rows.

A network of two layers has many minima, and the best is found by one start in six to one in twenty on hard data. So
many starts make ten steps each, the better half of them ten more, and the best of those converge. On many distinct
rows this happens on samples that grow. A basin that is best on a sample need not be best on all rows, so every basin
that the sample cannot tell from the best (4 standard errors of the paired difference of losses, and what a fit gains on
its own rows) is carried to the next.
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

# Rows of the samples: one for each heat, then those on which descents converge, then all rows. A sample must be less
# than half of the rows.
HEAT_SAMPLES = (2048, 8192)
SAMPLES = (32768, 262144)
# Steps of a heat. After ten the best basin's descents lead on nearly every data set tried; after six not yet.
_HEAT = 10
# Descents that converge in the first stage, and basins that go on from it at most.
_FINALISTS = 16
# On small data a false leader is likelier and time is short anyway: as many more as make up so many rows.
_FINALIST_ROWS = 60_000
_CARRIED = 4
# Two descents whose J̄ differ by less than this share are in one basin, or in mirror images of it.
_SAME = 1e-5
_STANDARD_ERRORS = 4.0
# Share of J̄ that a descent may still expect to gain: on a sample, whose own error is larger; on all rows.
_ROUGH, _FINE = 1e-6, 1e-9


def race(
    objective: Objective, *, starts: int, max_iterations: int, rng: np.random.Generator
) -> Generator[Progress, None, tuple[Descents, bool]]:
    """The best descent, alone, and whether it converged."""
    heats, stages = [], [objective]
    if objective.layout.h:
        heats = [_sampled(objective, size, rng) for size in HEAT_SAMPLES]
        stages = [_sampled(objective, size, rng) for size in SAMPLES if 2 * size < len(objective.rows)] + stages
        theta = random_starts(heats[0], starts, rng)
    else:
        theta = np.zeros((1, objective.layout.size))  # convex: every start ends in the same minimum
    report = Report(len(theta), objective.base_rate_loss())
    start, theta, steps = yield from _heats(heats, objective, theta, max_iterations, report)
    lead = bool(heats) and heats[-1].rows is not objective.rows
    for number, stage in enumerate(stages, 1):
        last = number == len(stages)
        report.span(max(report.done, 0.3 * number), 1.0 if last else 0.3 * (number + 1))
        descents = yield from _converge(
            stage, (start, theta, steps), max_iterations, report, tolerance=_FINE if last else _ROUGH, lead=lead
        )
        best = _may_win(stage, descents)
        start, theta, steps = descents.start[best], descents.theta[best], descents.steps[best]
    winner = descents.only(np.array([np.argmin(descents.loss)]))
    yield report.update(objective, winner, 1.0)
    return winner, bool(finished(winner, _FINE)[0])


def _sampled(objective: Objective, size: int, rng: np.random.Generator) -> Objective:
    """The objective on a sample, or on all rows where they are not many more."""
    return objective.on(sample(objective.rows, size, rng)) if 2 * size < len(objective.rows) else objective


def _heats(
    heats: list[Objective], whole: Objective, theta: Array, max_iterations: int, report: Report
) -> Generator[Progress, None, tuple[Indices, Array, Indices]]:
    """Start, θ and steps after some Gauss-Newton steps from every start; the better half goes to the next heat."""
    start, steps = np.arange(len(theta)), np.zeros(len(theta), dtype=np.int64)
    finalists = max(_FINALISTS, _FINALIST_ROWS // len(whole.rows))
    for number, objective in enumerate(heats):
        descents = yield from with_progress(begin(objective, start, theta, steps, exact=False), report.now)
        for i in range(min(_HEAT, max_iterations - number * _HEAT)):
            yield from with_progress(step(objective, descents, np.arange(len(descents.theta)), exact=False), report.now)
            yield report.update(objective, descents, (number + (i + 1) / _HEAT) / len(heats))
        most = finalists if number + 1 == len(heats) else max(finalists, len(theta) // 2)
        # Before they have converged, descents that are alike so far may part: none is left out that need not be.
        best = np.arange(len(theta)) if len(theta) <= most else _distinct(descents)[:most]
        start, theta, steps = descents.start[best], descents.theta[best], descents.steps[best]
    return start, theta, steps


def _converge(
    objective: Objective,
    entries: tuple[Indices, Array, Indices],
    max_iterations: int,
    report: Report,
    *,
    tolerance: float,
    lead: bool,
) -> Generator[Progress, None, Descents]:
    """Newton steps until every descent has converged, used up its steps, or (lead) fallen hopelessly behind."""
    descents = yield from with_progress(begin(objective, *entries, exact=True), report.now)
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

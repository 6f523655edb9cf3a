"""Many starts, one winner: descents race on a small picture of the rows, and those that may still win go on to more.

A network of two layers has many minima, and the best is found by one start in six to one in twenty on hard data. So
many starts make ten steps each, the better half of them ten more, and the best of those converge. On many distinct
rows this happens on pictures that grow. A basin that is best on a picture need not be best on all rows, so every basin
that the picture cannot tell from the best is carried to the next.
"""

from __future__ import annotations

from collections.abc import Generator

import numpy as np

from app.network.gauss_newton import Descents, begin, finished, last_step, step
from app.network.objective import Objective
from app.network.parameters import Array
from app.network.pictures import Picture, pictures
from app.network.report import Report
from app.network.rows import Indices
from app.network.starts import random_starts
from app.network.training import Progress, with_progress

# Steps of a heat. After ten the best basin's descents lead on nearly every data set tried; after six not yet.
_HEAT = 10
# Descents that converge in the first stage, and basins that go on from it at most.
_FINALISTS = 16
# On small data a false leader is likelier and time is short anyway: as many more as make up so many rows.
_FINALIST_ROWS = 60_000
_CARRIED = 4
# Two descents whose J̄ differ by less than this share are in one basin, or in mirror images of it.
_SAME = 1e-5
# Share of J̄ that a descent may still expect to gain: on pictures too, where a pass is cheap and a valley as long.
_FINE = 1e-9

# Start, θ, steps and damping (None: the solver's first) with which descents go on over other rows.
Entries = tuple[Indices, Array, Indices, Array | None]


def race(
    objective: Objective, *, starts: int, max_iterations: int, rng: np.random.Generator
) -> Generator[Progress, None, tuple[Descents, bool]]:
    """The best descent, alone, and whether it converged."""
    if objective.layout.h:
        heats, stages = pictures(objective, rng)
        theta = random_starts(heats[0], starts, rng)
    else:  # convex: every start ends in the same minimum
        heats, stages = [], [Picture(objective, 0.0)]
        theta = np.zeros((1, objective.layout.size))
    report = Report(len(theta), objective.base_rate_loss())
    entries = yield from _heats(heats, objective, theta, max_iterations, report)
    lead = bool(heats) and len(heats[-1].rows) < len(objective.rows)
    for number, stage in enumerate(stages, 1):
        last = number == len(stages)
        report.span(max(report.done, 0.3 * number), 1.0 if last else 0.3 * (number + 1))
        descents = yield from _converge(stage.objective, entries, max_iterations, report, lead=lead)
        best = _distinct(descents)
        if not last:
            best = best[stage.undecided(descents.theta[best], descents.loss[best])][:_CARRIED]
            entries = descents.start[best], descents.theta[best], descents.steps[best], descents.damping[best]
    winner = descents.only(best[:1])
    converged = bool(finished(winner, _FINE)[0])
    if converged and winner.steps[0] < max_iterations:
        winner = yield from with_progress(last_step(objective, winner), report.now)
    yield report.update(objective, winner, 1.0)
    return winner, converged


def _heats(
    heats: list[Objective], whole: Objective, theta: Array, max_iterations: int, report: Report
) -> Generator[Progress, None, Entries]:
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
    return start, theta, steps, None


def _converge(
    objective: Objective, entries: Entries, max_iterations: int, report: Report, *, lead: bool
) -> Generator[Progress, None, Descents]:
    """Newton steps until every descent has converged, used up its steps, or (lead) fallen hopelessly behind."""
    descents = yield from with_progress(begin(objective, *entries, exact=True), report.now)
    for i in range(max_iterations):
        open_ended = ~finished(descents, _FINE) & (descents.steps < max_iterations)
        if lead and i:
            # Near a minimum J̄ falls by about what is left; a descent that would need three times as much is beaten.
            open_ended &= descents.loss - 3.0 * descents.plan.left <= descents.loss.min()
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

"""Many starts, one winner: descents race on a coarse level of the rows, and those that may still win go on to more.

A network of two layers has many minima, and the best is found by one start in six to one in twenty on hard data. So
many starts make ten steps each, the better half of them ten more, and the best of those converge. On many distinct
rows this happens on ever finer levels. A basin that is best on a level need not be best on all rows, so every basin
that the level cannot tell from the best is carried to the next.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import replace

import numpy as np

from app.network.objective import Objective
from app.network.parameters import Array, Mask
from app.network.progress import Progress, told
from app.network.rows import Indices
from app.network.solvers.coarse_levels import Level, levels
from app.network.solvers.gauss_newton import Descents, Entries, begin, finished, last_step, step
from app.network.solvers.race_progress import RaceProgress
from app.network.solvers.starts import random_starts

_HEAT = 10
"""Steps of a heat. After ten the best basin's descents lead on nearly every data set tried; after six not yet."""

_FINALISTS = 32
"""Descents that converge in the first stage."""

_FINALIST_ROWS = 60_000
"""On small data a false leader is likelier and time is short anyway: as many more as make up so many rows."""

_CARRIED = 4
"""Basins that go on to the next level at most."""

_CARRIED_ROWS = 1 << 18
"""Where the next level is small, as many more as make up so many rows of it."""

_SAME, _ALIKE = 1e-6, 1e-5
"""Two descents whose J̄ differ by less than this share are in one basin, or in mirror images of it. While they race on
all rows _ALIKE will do: those that near one minimum must not crowd out others. On a level other basins look alike.
"""

_FINE = 1e-9
"""Share of J̄ that a descent may still expect to gain: on levels too, where a pass is cheap and a valley as long."""


def race(
    objective: Objective, *, starts: int, max_iterations: int, rng: np.random.Generator
) -> Generator[Progress, None, tuple[Descents, bool]]:
    """The best descent, alone, and whether it converged."""
    if objective.layout.h:
        heats, stages = levels(objective, rng)
        theta = random_starts(heats[0], starts, rng)
    else:  # convex: every start ends in the same minimum
        heats, stages = [], [Level(objective, exact=True)]
        theta = np.zeros((1, objective.layout.size))
    progress = RaceProgress(len(theta), objective.base_rate_loss())
    entries = yield from _heats(heats, objective, theta, max_iterations, progress)
    lead = bool(heats) and len(heats[-1].rows) < len(objective.rows)
    for number, stage in enumerate(stages, 1):
        last = number == len(stages)
        progress.span(max(progress.done, 0.3 * number), 1.0 if last else 0.3 * (number + 1))
        descents = yield from told(begin(stage.objective, entries, exact=True), progress.now)
        moved = np.zeros(1) if entries.loss is None else np.abs(descents.loss - entries.loss)
        yield from _converge(stage.objective, descents, max_iterations, progress, lead=lead)
        best = _distinct(descents)
        if not last:
            undecided = stage.undecided(descents.theta[best], descents.loss[best], float(np.median(moved)))
            most = max(_CARRIED, _CARRIED_ROWS // len(stages[number].objective.rows))
            entries = descents.leaving(best[undecided][:most])
    winner = descents.only(best[:1])
    converged = bool(finished(winner, _FINE)[0])
    if converged and winner.steps[0] < max_iterations:
        winner = yield from told(last_step(objective, winner), progress.now)
    yield progress.update(objective, winner, 1.0)
    return winner, converged


def _heats(
    heats: list[Objective], whole: Objective, theta: Array, max_iterations: int, progress: RaceProgress
) -> Generator[Progress, None, Entries]:
    """Where descents stand after some Gauss-Newton steps from every start; the better half goes to the next heat."""
    entries = Entries(np.arange(len(theta)), theta, np.zeros(len(theta), dtype=np.int64))
    finalists = max(_FINALISTS, _FINALIST_ROWS // len(whole.rows))
    for number, objective in enumerate(heats):
        descents = yield from told(begin(objective, entries, exact=False), progress.now)
        everyone = np.arange(len(descents.theta))
        for i in range(min(_HEAT, max_iterations - number * _HEAT)):
            yield from told(step(objective, descents, everyone, exact=False), progress.now)
            yield progress.update(objective, descents, (number + (i + 1) / _HEAT) / len(heats))
        most = finalists if number + 1 == len(heats) else max(finalists, len(everyone) // 2)
        # Descents that are alike so far may part before they have converged: none is left out that need not be.
        share = _ALIKE if len(objective.rows) == len(whole.rows) else _SAME
        entries = replace(descents.leaving(_alike_last(descents, share)[:most]), damping=None)
    return entries


def _converge(
    objective: Objective, descents: Descents, max_iterations: int, progress: RaceProgress, *, lead: bool
) -> Generator[Progress, None, None]:
    """Newton steps until every descent has converged, used up its steps, or (lead) fallen hopelessly behind."""
    for i in range(max_iterations):
        open_ended = ~finished(descents, _FINE) & (descents.steps < max_iterations)
        if lead and i:
            # Near a minimum J̄ falls by about what is left; a descent that would need three times as much is beaten.
            open_ended &= descents.loss - 3.0 * descents.next_step.left <= descents.loss.min()
        going = np.flatnonzero(open_ended)
        if not len(going):
            break
        yield from told(step(objective, descents, going, exact=True), progress.now)
        yield progress.update(objective, descents, 1.0 - 0.7 ** (i + 1))


def _distinct(descents: Descents, share: float = _SAME) -> Indices:
    """The descents in order of J̄, one of each basin."""
    order = np.argsort(descents.loss, kind="stable")
    first = _first(descents.loss[order], share)
    distinct: Indices = order[first]
    return distinct


def _alike_last(descents: Descents, share: float) -> Indices:
    """The same, and then the others, in order of J̄ as well."""
    order = np.argsort(descents.loss, kind="stable")
    first = _first(descents.loss[order], share)
    return np.append(order[first], order[~first])


def _first(loss: Array, share: float) -> Mask:
    """Which of losses in ascending order are more than that share above the one before."""
    first: Mask = np.r_[True, np.diff(loss) > share * loss[1:]]
    return first

"""What the unknowns could hide: the least and the greatest impact ratio over all ways in which they could be
distributed over the categories.

c is the category of the ratio, a of its n are selected:

    lowest     for the worst j: the selected unknowns in j, the others in c
    highest    the selected unknowns in c, the others where they lower the highest of the other rates, M. To come down
               to M a category needs (a/M − n) more: whether there are as many who may be there is a question of flow,
               and the least M is found by halving. Selected unknowns who cannot be in c, because their sex or their
               race is known to be another, raise some of the other rates: both_kinds.py
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from app.impact.both_kinds import Rivals
from app.impact.fewest_to_flip import fewest_to_flip
from app.impact.grid import Grid
from app.impact.placing import Supply, least_top
from app.network.parameters import Mask


@dataclass(frozen=True)
class Bounds:
    """Of an impact ratio: the lowest and highest that unknowns could make it, and the fewest of them who, were they
    known, could turn whether it is below four fifths; None where none could. `exact` is false where it would take too
    long to find the highest: it cannot be higher than `high`, but `high` may be beyond what can be reached.
    """

    low: float
    high: float
    exact: bool
    unknowns_to_flip: int | None


def bounds(grid: Grid, may_hold: Sequence[bool], compared: Sequence[int]) -> dict[int, Bounds]:
    """Of each compared category its bounds, where at least two are compared and somebody is selected.

    `may_hold`: into which of the categories an unknown may turn a rate that counts; an empty one may come to hold some.
    """
    open_ = np.array(may_hold).reshape(grid.n.shape)
    high = _highest(grid, open_, compared)
    return {c: Bounds(_lowest(grid, open_, c), *high[c], fewest_to_flip(grid, open_, c)) for c in compared}


def _lowest(grid: Grid, open_: Mask, c: int) -> float:
    s, r = grid.place(c)
    here = grid.selected[s, r] + grid.chosen.bound_to(s, r, grid.n.shape)
    n = grid.n[s, r] + grid.chosen.bound_to(s, r, grid.n.shape) + grid.others.reaching()[s, r]
    tops = grid.selected + grid.chosen.reaching()
    sizes = grid.n + grid.chosen.reaching() + grid.others.bound(grid.n.shape)
    rivals = open_ & (sizes > 0)
    rivals[s, r] = False
    top = (tops[rivals] / sizes[rivals]).max(initial=0.0)
    return min(1.0, float(here / n / top)) if top > 0 else 1.0


def _highest(grid: Grid, open_: Mask, compared: Sequence[int]) -> dict[int, tuple[float, bool]]:
    """The highest ratio of each, and whether it is reached; else it cannot be higher."""
    rivals, supplies = [], []
    for c in compared:
        s, r = grid.place(c)
        rival = open_.copy()
        rival[s, r] = False
        rivals.append(rival)
        supplies.append(grid.others.without(s, r, grid.n.shape))
    many = len(compared), *grid.n.shape
    a, n = np.broadcast_to(grid.selected, many), np.broadcast_to(grid.n, many)
    tops = least_top(a, n, np.array(rivals), Supply.stacked(supplies))
    return {c: _highest_of(grid, c, *of) for c, *of in zip(compared, rivals, supplies, tops.tolist(), strict=True)}


def _highest_of(grid: Grid, c: int, rival: Mask, others: Supply, top: float) -> tuple[float, bool]:
    """The same of one; the highest of the other rates would be the top, were there no selected to be placed there."""
    s, r = grid.place(c)
    chosen = int(grid.chosen.reaching()[s, r])
    rate = float((grid.selected[s, r] + chosen) / (grid.n[s, r] + chosen + grid.others.bound_to(s, r, grid.n.shape)))
    bound = max(top, rate)
    found: float | None = bound
    if elsewhere := grid.chosen.beyond(s, r).groups(grid.n.shape):
        found = Rivals(grid.n, grid.selected, rival, elsewhere, others.groups(grid.n.shape)).least_top(bound)
    highest = bound if found is None else found
    return rate / highest if highest > 0 else 1.0, found is not None

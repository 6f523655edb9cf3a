"""What the unknowns could hide: the least and the greatest impact ratio over all ways in which they could be
distributed over the categories, and how few of them would turn the four-fifths verdict.

The categories stand on a grid, sexes down and races along; a table of one attribute is a grid of one line. Somebody
whose sex alone is known can only be in its line. c is the category of the ratio, a of its n are selected:

    lowest     for the worst j: the selected unknowns in j, the others in c
    highest    the selected unknowns in c, the others where they lower the highest of the other rates, M. To come down
               to M a category needs (a/M − n) more: whether there are as many who may be there is a question of flow,
               and the least M is found by halving. Selected unknowns who cannot be in c, because their sex or their
               race is known to be another, raise some of the other rates: both_kinds.py
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from app.impact.both_kinds import Rivals
from app.impact.placing import Supply, least_top, placeable
from app.impact.tally import Counts

Flags = NDArray[np.bool_]

_BLOCK = 4096


@dataclass(frozen=True, eq=False)
class Grid:
    """n, selected (S, R): known in full. `chosen` and `others`: unknowns who were selected, and who were not."""

    n: Counts
    selected: Counts
    chosen: Supply
    others: Supply

    @classmethod
    def of_one(cls, n: Counts, selected: Counts) -> Grid:
        """Of counts by one attribute (K+1,), the unknown last."""
        nowhere = np.zeros(1, np.int64), np.zeros(len(n) - 1, np.int64)
        supplies = [Supply(*nowhere, int(of[-1])) for of in (selected, n - selected)]
        return cls(n[None, :-1], selected[None, :-1], *supplies)

    @classmethod
    def of_two(cls, n: Counts, selected: Counts) -> Grid:
        """Of a tally's counts (S+1, R+1)."""
        supplies = [Supply(of[:-1, -1], of[-1, :-1], int(of[-1, -1])) for of in (selected, n - selected)]
        return cls(n[:-1, :-1], selected[:-1, :-1], *supplies)


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
    return {c: Bounds(_lowest(grid, open_, c), *high[c], _to_flip(grid, open_, c)) for c in compared}


def _place(grid: Grid, c: int) -> tuple[int, int]:
    line, column = divmod(c, grid.n.shape[1])
    return line, column


def _lowest(grid: Grid, open_: Flags, c: int) -> float:
    s, r = _place(grid, c)
    here = grid.selected[s, r] + grid.chosen.bound_to(s, r, grid.n.shape)
    n = grid.n[s, r] + grid.chosen.bound_to(s, r, grid.n.shape) + grid.others.reaching()[s, r]
    tops = grid.selected + grid.chosen.reaching()
    sizes = grid.n + grid.chosen.reaching() + grid.others.bound(grid.n.shape)
    rivals = open_ & (sizes > 0)
    rivals[s, r] = False
    top = (tops[rivals] / sizes[rivals]).max(initial=0.0)
    return min(1.0, float(here / n / top)) if top > 0 else 1.0


def _highest(grid: Grid, open_: Flags, compared: Sequence[int]) -> dict[int, tuple[float, bool]]:
    """The highest ratio of each, and whether it is reached; else it cannot be higher."""
    rivals, supplies = [], []
    for c in compared:
        s, r = _place(grid, c)
        rival = open_.copy()
        rival[s, r] = False
        rivals.append(rival)
        supplies.append(grid.others.without(s, r, grid.n.shape))
    many = len(compared), *grid.n.shape
    a, n = np.broadcast_to(grid.selected, many), np.broadcast_to(grid.n, many)
    tops = least_top(a, n, np.array(rivals), Supply.stacked(supplies))
    return {c: _highest_of(grid, c, *of) for c, *of in zip(compared, rivals, supplies, tops.tolist(), strict=True)}


def _highest_of(grid: Grid, c: int, rival: Flags, others: Supply, top: float) -> tuple[float, bool]:
    """The same of one; the highest of the other rates would be the top, were there no selected to be placed there."""
    s, r = _place(grid, c)
    chosen = int(grid.chosen.reaching()[s, r])
    rate = float((grid.selected[s, r] + chosen) / (grid.n[s, r] + chosen + grid.others.bound_to(s, r, grid.n.shape)))
    bound = max(top, rate)
    found: float | None = bound
    if elsewhere := grid.chosen.beyond(s, r).groups(grid.n.shape):
        found = Rivals(grid.n, grid.selected, rival, elsewhere, others.groups(grid.n.shape)).least_top(bound)
    highest = bound if found is None else found
    return rate / highest if highest > 0 else 1.0, found is not None


def _to_flip(grid: Grid, open_: Flags, c: int) -> int | None:
    """How many unknowns, were they known, could turn whether the ratio is below four fifths; None where none could."""
    s, r = _place(grid, c)
    a, n = int(grid.selected[s, r]), int(grid.n[s, r])
    rival = open_.copy()
    rival[s, r] = False
    if (5 * a * grid.n < 4 * grid.selected * n)[rival].any():  # below four fifths of some rate, in whole numbers
        return _to_rise(grid, rival, s, r)
    return _to_fall(grid, rival, a, n, int(grid.others.reaching()[s, r]))


def _to_fall(grid: Grid, rival: Flags, a: int, n: int, others: int) -> int | None:
    """So few that a/(n + u) < ⅘·(a′ + v)/(n′ + v) for some other category, u not selected here and v selected there."""
    reaching, found = grid.chosen.reaching(), []
    for k in np.flatnonzero(rival):
        top, size, chosen = (int(of.flat[k]) for of in (grid.selected, grid.n, reaching))
        wanted = partial(_others_to_fall, a, n, top, size)
        first = 1 if top == 0 else 0  # where nobody is selected the rate is 0, where nobody is there is none
        found.append(fewest(first, chosen, wanted, partial(_at_most, others, wanted), slack=1))
    return min((of for of in found if of is not None), default=None)


def _others_to_fall(a: int, n: int, top: int, size: int, v: Counts) -> Counts:
    """The least u for each v (m,)."""
    u: Counts = np.maximum(0, 5 * a * (size + v) // (4 * (top + v)) + 1 - n)
    return u


def _at_most(others: int, wanted: Callable[[Counts], Counts], v: Counts) -> Flags:
    return wanted(v) <= others


def _to_rise(grid: Grid, rival: Flags, s: int, r: int) -> int | None:
    """So few that (a + v)/(n + v) ≥ ⅘·a′/(n′ + u′) for every other category, v selected here and u′ not selected
    there.
    """
    a, n = int(grid.selected[s, r]), int(grid.n[s, r])

    def others_for(v: Counts) -> Counts:
        v = v[:, None, None]
        least = -(-4 * grid.selected * (n + v) // (5 * (a + v)))  # rounded up
        return np.where(rival, np.maximum(0, least - grid.n), 0)

    return fewest(
        1 if a == 0 else 0,
        int(grid.chosen.reaching()[s, r]),
        lambda v: others_for(v).sum(axis=(1, 2)),
        lambda v: placeable(others_for(v), grid.others),
        slack=int(rival.sum()),
    )


def fewest(
    first: int,
    last: int,
    others: Callable[[Counts], Counts],
    enough: Callable[[Counts], Flags],
    slack: int,
) -> int | None:
    """The least v + others(v) over first ≤ v ≤ last where there are enough; None where there never are.

    More of the one want fewer of the others: `others` falls, and there are enough from some v on. But for rounding by
    less than the slack v + others(v) is convex, so that the least is among those next to its lowest.
    """

    def total(v: int) -> int:
        return v + int(others(np.array([v]))[0])

    if first > last or not enough(np.array([last]))[0]:
        return None
    first = bisect_left(range(first, last), x=True, key=lambda v: bool(enough(np.array([v]))[0])) + first
    low, high = first, last
    while high - low > 3 * slack + 3:  # thirds that differ by less than the rounding tell nothing: those are looked at
        one, other = low + (high - low) // 3, high - (high - low) // 3
        if total(one) > total(other) + slack:
            low = one
        elif total(other) > total(one) + slack:
            high = other
        else:
            break
    return min(int((part + others(part)).min()) for part in _parts(low, high))


def _parts(low: int, high: int) -> Iterator[Counts]:
    """Whole numbers from low to high, so many at a time."""
    for begin in range(low, high + 1, _BLOCK):
        yield np.arange(begin, min(begin + _BLOCK, high + 1))

"""How few unknowns, were they known, could turn whether an impact ratio is below four fifths."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterator
from functools import partial

import numpy as np

from app.impact.grid import Grid
from app.impact.placing import placeable
from app.impact.tally import Counts
from app.network.parameters import Mask

_BLOCK = 4096


def fewest_to_flip(grid: Grid, open_: Mask, c: int) -> int | None:
    """For the ratio of category c. None where all of them could not. `open_`: see unknowns.bounds."""
    s, r = grid.place(c)
    a, n = int(grid.selected[s, r]), int(grid.n[s, r])
    rival = open_.copy()
    rival[s, r] = False
    if (5 * a * grid.n < 4 * grid.selected * n)[rival].any():  # below four fifths of some rate, in whole numbers
        return _to_rise(grid, rival, s, r)
    return _to_fall(grid, rival, a, n, int(grid.others.reaching()[s, r]))


def _to_fall(grid: Grid, rival: Mask, a: int, n: int, others: int) -> int | None:
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


def _at_most(others: int, wanted: Callable[[Counts], Counts], v: Counts) -> Mask:
    return wanted(v) <= others


def _to_rise(grid: Grid, rival: Mask, s: int, r: int) -> int | None:
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
    enough: Callable[[Counts], Mask],
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

"""A few weighted points in the place of many rows, near enough that a mean over them is the mean over the rows.

Two steps. Rows fall into fine cells, which stand at the mean of their rows: identical rows are one cell, and up to 256
distinct rows stay exactly what they are. Then the cells are halved as the colours of a picture are when it gets a
palette (Wan, Wong and Prusinkiewicz 1988, "An algorithm for multidimensional data clustering", ACM TOMS 14): always the
group with the greatest sum of squares, at its mean, along the direction in which it is widest.

    Σ c·x over the points = Σ c·x over the rows: what is linear in x keeps its mean; the rest errs in second order of
    the groups' width.

The directions lean: groups cut at right angles would share 16 values of each input, and v({i}) of a Shapley value, a
mean over one input, would see no more than those. Leaning, each has a value of its own.

The order of the rows changes nothing, not even a bit: cells are cut between values, never between ranks, and sums are
of whole numbers, which are exact in any order.
"""

from __future__ import annotations

import heapq
import math

import numpy as np

from app.network.parameters import Array
from app.network.solvers.bins import NO_WIDTH, Bins, Places, bins_along
from app.network.standardise import measure

_VALUES = 256
"""Values of one input that are told apart exactly, where it has no more."""

_CELLS = 1 << 14
"""Cells of inputs that have more."""

_STEPS = 1 << 16
"""Steps over an input's range, by which a value's bin is found."""

_LEANING = 1 / 8
"""How much of the next input a direction takes in."""


def condense(inputs: Array, counts: Array, most: int) -> tuple[Array, Array]:
    """Inputs (n, d), n ≥ 1, in any units, each as often as counts (n,), whole numbers, says -> at most so many (≤ 256)
    points (m, d), and weights (m,), which sum to 1. A row with a count is the same as that many rows, to the bit.
    """
    points, sizes = _cells(inputs, counts)
    if len(sizes) > most:
        groups = _groups(points, sizes, most)
        points = np.stack([points[:, group] @ sizes[group] / sizes[group].sum() for group in groups], axis=1)
        sizes = np.array([sizes[group].sum() for group in groups])
    return np.ascontiguousarray(points.T), sizes / counts.sum()


def _cells(inputs: Array, counts: Array) -> tuple[Array, Array]:
    """Rows (n, d) -> means (d, g) and sizes (g,) of the cells that occur, in the order of their values."""
    columns = [np.ascontiguousarray(x) for x in inputs.T]
    begins, whole = _bins(columns, counts)
    bins = [_bin_of(x, begin) for x, begin in zip(columns, begins, strict=True)]
    code = _numbered(bins, [len(begin) for begin in begins])
    sizes = np.bincount(code, weights=counts).astype(np.float64)
    occurs = np.flatnonzero(sizes)
    member = np.empty(len(sizes), dtype=np.intp)
    member[code] = np.arange(len(code))  # any one row of a cell tells its bins
    means = np.empty((len(columns), len(occurs)))
    for i, x in enumerate(columns):
        if whole[i]:
            means[i] = begins[i][bins[i][member[occurs]]]
        else:
            means[i] = x.min() + _sums(x, counts, code)[occurs] / sizes[occurs]
    return means, sizes[occurs]


def _bins(columns: list[Array], counts: Array) -> tuple[list[Array], list[bool]]:
    """Where the bins of each input begin, ascending from its least value, and whether each bin is one value.

    Of an input with few values each is a bin; the others share what cells are left, in bins of about equal count.
    """
    values, whole = [], []
    for x in columns:
        ascending = _ascending(x, counts)
        new = np.append(True, ascending[1:] != ascending[:-1])
        whole.append(int(np.count_nonzero(new)) <= _VALUES)
        values.append(ascending[new] if whole[-1] else ascending)
    left = max(_VALUES, _CELLS // math.prod(len(of) for of, few in zip(values, whole, strict=True) if few))
    most = bins_along(max(1, whole.count(False)), left)
    quantiles = np.arange(most) * int(counts.sum()) // most
    return [of if few else np.unique(of[quantiles]) for of, few in zip(values, whole, strict=True)], whole


def _ascending(x: Array, counts: Array) -> Array:
    """The values x (n,), each as often as it counts (n,), in ascending order."""
    if counts.max() == 1:  # a sort takes half as long as the order that it would need
        return np.sort(x)
    order = np.argsort(x)
    return np.repeat(x[order], counts[order].astype(np.intp))


def _numbered(bins: list[Places], sizes: list[int]) -> Places:
    """The number of every row's cell, ascending with its bins, the first one's before all: (n,)."""
    code, size = bins[0], sizes[0]
    for i in range(1, len(bins)):
        code = code * sizes[i] + bins[i]
        size *= sizes[i]
        if size > max(_VALUES**2, len(code)):  # most cells are empty: number those that occur
            occurs, code = np.unique(code, return_inverse=True)
            size = len(occurs)
    return code


def _bin_of(x: Array, begins: Array) -> Places:
    """The bin of every value x (n,)."""
    bins = Bins(begins, x.max(), _STEPS)
    reached: Places = bins.reached(x) if bins.told_apart else np.searchsorted(begins, x, side="right")
    return reached - 1


def _sums(x: Array, counts: Array, code: Places) -> Array:
    """Σ (x − min x) of each cell, x rounded to whole steps of its range so fine that every sum is exact."""
    low, width = x.min(), max(x.max() - x.min(), NO_WIDTH)
    steps = 2.0 ** (52 - int(counts.sum()).bit_length())
    whole = x - low
    whole /= width
    whole *= steps
    np.rint(whole, whole)
    whole *= counts
    sums: Array = np.bincount(code, weights=whole) * (width / steps)
    return sums


def _groups(points: Array, counts: Array, most: int) -> list[Places]:
    """The cells (d, g) of each of so many groups; fewer where nothing is left to halve."""
    standard = measure(points, counts).standardised(points)
    leaning = standard + _LEANING * np.roll(standard, 1, axis=0)
    waiting = [_spread(leaning, counts, np.arange(len(counts)), 0)]
    halved = 0
    while len(waiting) < most and waiting[0][0] < 0.0:
        *_, direction, mean, group = heapq.heappop(waiting)
        below = leaning[direction, group] <= mean
        for half in (group[below], group[~below]):
            halved += 1
            heapq.heappush(waiting, _spread(leaning, counts, half, halved))
    return [group for *_, group in waiting]


def _spread(leaning: Array, counts: Array, group: Places, number: int) -> tuple[float, int, int, float, Places]:
    """Minus the sum of squares about the mean, the group's number, its widest direction, its mean there, and itself.

    The sum is 0 where nothing lies on one side of the mean: one cell, or several that rounding keeps from being halved.
    The number tells equal sums apart, lest the heap compare arrays.
    """
    z, c = leaning[:, group], counts[group]
    means = z @ c / c.sum()
    squares = (z - means[:, None]) ** 2 @ c
    direction = int(squares.argmax())
    mean, along = float(means[direction]), z[direction]
    divisible = along.min() <= mean < along.max()
    return (-float(squares.sum()) if divisible else 0.0), number, direction, mean, group

"""Identical rows as one row with a count: the loss is a sum over rows, so this is exact.

Whole years and whole scores leave at most some thousand distinct rows of a million; continuous inputs leave as many as
there were, and a look at a few thousand rows tells so before any sorting.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from app.network.parameters import Array
from app.network.rows import BLOCK, blocks

_SAMPLE = 4096
"""Rows looked at to guess how many distinct values a column has."""

_MOST_CELLS = 1 << 62
"""Cells are numbered by a 64-bit integer."""

Index = Callable[[slice], NDArray[np.intp]]


def group(X: Array, y: Array) -> tuple[Array, Array, Array]:
    """Raw columns X (d, n) and y (n,) of 0 and 1 -> distinct columns (d, g), counts (g,), promoted (g,)."""
    n = len(y)
    if not _worth_grouping(X):
        return X, np.ones(n), y
    tables = [_distinct(column) for column in X]
    values = [table for table, _ in tables]
    size = math.prod(len(table) for table in values)
    if size > _MOST_CELLS:
        return X, np.ones(n), y

    def code(part: slice) -> NDArray[np.intp]:
        """The number of the cell of some rows."""
        number: NDArray[np.intp] = tables[0][1](part)
        for table, index in tables[1:]:
            number = number * len(table) + index(part)
        return number

    counts, promoted, cells = _tally(code, y, size)
    grouped = np.empty((len(X), len(cells)))
    for i in reversed(range(len(X))):
        cells, index = np.divmod(cells, len(values[i]))
        grouped[i] = values[i][index]
    return grouped, counts, promoted


def _worth_grouping(X: Array) -> bool:
    """Whether the distinct values of a sample's columns allow no more cells than there are rows."""
    n = X.shape[1]
    sample = X[:, :: max(1, n // _SAMPLE)]
    cells = 1.0
    for column in sample:
        distinct = len(np.unique(column))
        if distinct > sample.shape[1] // 2:  # continuous, as far as the sample can tell
            return False
        cells *= distinct
    return bool(cells <= n)


def _distinct(column: Array) -> tuple[Array, Index]:
    """The distinct values (v,) in ascending order, and what gives the index of some rows' values."""
    low, high = column.min(), column.max()
    small = high - low < len(column) and max(abs(low), abs(high)) < 2**52
    if small and all(
        np.array_equal(low + np.floor(x - low), x) for x in (column[part] for part in blocks(len(column)))
    ):
        # Whole numbers in a small range are their own index, counted from the least.
        return np.arange(int(high - low) + 1) + low, lambda part: (column[part] - low).astype(np.intp)
    values, index = np.unique(column, return_inverse=True)
    return values, lambda part: index[part]


def _tally(code: Callable[[slice], NDArray[np.intp]], y: Array, size: int) -> tuple[Array, Array, NDArray[np.int64]]:
    """Rows and promoted rows of each of the cells that occur, and their numbers in ascending order."""
    n, numbers = len(y), code
    present = None
    if size > 4 * n:
        present, index = np.unique(code(slice(0, n)), return_inverse=True)
        size, numbers = len(present), lambda part: index[part]
    counts, promoted = np.zeros(size), np.zeros(size)
    for part in blocks(n, max(BLOCK, size)):
        number = numbers(part)
        counts += np.bincount(number, minlength=size)
        promoted += np.bincount(number, weights=y[part], minlength=size)
    occurs = np.flatnonzero(counts > 0)
    return counts[occurs], promoted[occurs], occurs if present is None else present[occurs]

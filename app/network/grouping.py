"""Identical rows as one row with a count: the loss is a sum over rows, so this is exact.

Whole years and whole scores leave at most some thousand distinct rows of a million; continuous inputs leave as many as
there were, and a look at a few thousand rows tells so before any sorting.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from app.network.parameters import Array

# Rows looked at to guess how many distinct values a column has.
_SAMPLE = 4096
# Cells are numbered by a 64-bit integer.
_MOST_CELLS = 1 << 62


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
    code = np.zeros(n, dtype=np.int64)
    for table, index in tables:
        code = code * len(table) + index
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


def _distinct(column: Array) -> tuple[Array, NDArray[np.int64]]:
    """The distinct values (v,) in ascending order and the index of each row's value (n,)."""
    low, high = column.min(), column.max()
    if (
        high - low < len(column) and max(abs(low), abs(high)) < 2**52
    ):  # whole numbers in a small range are their own index
        offset = (column - low).astype(np.int64)
        table = np.arange(int(high - low) + 1) + low
        if np.array_equal(table[offset], column):
            return table, offset
    values, index = np.unique(column, return_inverse=True)
    return values, index.astype(np.int64)


def _tally(code: NDArray[np.int64], y: Array, cells: int) -> tuple[Array, Array, NDArray[np.int64]]:
    """Rows and promoted rows of each code that occurs, and those codes in ascending order."""
    if cells > 4 * len(code):
        present, code = np.unique(code, return_inverse=True)
        cells = len(present)
    else:
        present = np.arange(cells)
    counts = np.bincount(code, minlength=cells).astype(np.float64)
    promoted: Array = np.bincount(code, weights=y, minlength=cells).astype(np.float64)
    occurs = counts > 0
    return counts[occurs], promoted[occurs], present[occurs]

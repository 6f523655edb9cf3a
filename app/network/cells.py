"""Rows that lie close together as one row at their mean: all rows in a few thousand, on which starts are cheap to try.

    n̄ = Σ c,   s̄ = Σ s,   x̄ = Σ c·x / n̄        over the rows of a cell, c of which s were promoted

Where z is nearly linear within a cell, the sum of its losses differs from that of n̄ rows at x̄ only in second order of
the cell's width. A sample of as many rows errs by the chance of who was drawn, which is far more: here nobody is
missing. Cells need a few bins along every input, so this is for few inputs; see sample.py for more.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from app.network.parameters import Array
from app.network.rows import Rows

# Rows looked at to place the edges of the bins.
_LOOK = 8192
# Steps of equal width from the first edge to the last: a table of them finds a row's bin without a search.
_STEPS = 4096
# Rows at a time: a few pages, which stay in cache.
_CHUNK = 1 << 14
# Edges that lie closer than this, in standard deviations, are one edge: steps between them would underflow.
_NO_WIDTH = 1e-200


def coarsen(rows: Rows, cells: int) -> Rows:
    """The rows gathered in at most so many cells."""
    d = len(rows.X) - 1
    bins = bins_along(d, cells)
    look = rows.part(slice(None, None, max(1, len(rows) // _LOOK)))
    # Half of the bins where the rows are, half where those promoted are: one in a hundred must not share one bin.
    weight = look.counts / look.counts.sum() + look.promoted / max(look.promoted.sum(), 1.0)
    code = np.zeros(len(rows), dtype=np.intp)
    for i in range(d):
        code = code * bins + _bin(rows.X[i], _edges(look.X[i], weight, bins))

    def total(of: Array) -> Array:
        """Σ over the rows of each cell."""
        return np.bincount(code, weights=of).astype(np.float64, copy=False)

    counts = total(rows.counts)
    occupied = counts > 0
    counts = counts[occupied]
    X = np.ones((d + 1, len(counts)))
    for i in range(d):
        X[i] = total(rows.counts * rows.X[i])[occupied] / counts
    return Rows(X, counts, total(rows.promoted)[occupied])


def bins_along(d: int, cells: int) -> int:
    """How many bins along each of d inputs make up at most so many cells."""
    return min(_STEPS, int(cells ** (1.0 / d) + 1e-9))


def _edges(x: Array, weight: Array, bins: int) -> Array:
    """Edges (bins − 1,) between bins of equal weight along values x (m,)."""
    order = np.argsort(x, kind="stable")
    share = np.cumsum(weight[order])
    edges: Array = x[order][np.searchsorted(share, np.arange(1, bins) * (share[-1] / bins))]
    if edges[0] == edges[-1]:  # nearly everybody has one value: what the others have counts all the same
        edges = np.linspace(x.min(), x.max(), bins + 1)[1:-1]
    return edges


def _bin(x: Array, edges: Array) -> NDArray[np.intp]:
    """How many edges each of x (n,) has reached; where two share a step, whoever reached one reached both."""
    low, width = edges[0], edges[-1] - edges[0]
    found = np.empty(len(x), dtype=np.intp)
    if not width > _NO_WIDTH:
        found[:] = x > low
        return found

    def steps(values: Array) -> NDArray[np.intp]:
        """0 below the first edge, 1 at it, _STEPS + 1 at the last."""
        step: Array = np.clip((values - low) * (_STEPS / width) + 1.0, 0.0, _STEPS + 1.0)
        return step.astype(np.intp)

    reached = np.searchsorted(steps(edges), np.arange(_STEPS + 2), side="right")
    for first in range(0, len(x), _CHUNK):
        part = slice(first, first + _CHUNK)
        found[part] = reached[steps(x[part])]
    return found

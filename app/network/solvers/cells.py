"""Rows that lie close together as one row at their mean: all rows in a few thousand, on which starts are cheap to try.

    n̄ = Σ c,   s̄ = Σ s,   x̄ = Σ c·x / n̄        over the rows of a cell, c of which s were promoted

Where z is nearly linear within a cell, the sum of its losses differs from that of n̄ rows at x̄ only in second order of
the cell's width. A sample of as many rows errs by the chance of who was drawn, which is far more: here nobody is
missing. Cells need a few bins along every input, so this is for few inputs; see sample.py for more.
"""

from __future__ import annotations

import numpy as np

from app.network.parameters import Array
from app.network.rows import BLOCK, Indices, Rows, blocks
from app.network.solvers.bins import Bins, bins_along

_LOOK = 8192
"""Rows looked at to place the edges of the bins."""

_STEPS = 4096
"""Steps along one input, by which a row's bin is found."""


def coarsen(rows: Rows, cells: int, *, blind: bool = False) -> Rows:
    """The rows gathered in at most so many cells; blind: in cells that do not depend on who was promoted."""
    d = len(rows.X) - 1
    bins = bins_along(d, cells)
    look = rows.part(_spread(len(rows)))
    # Half of the bins where the rows are, half where those promoted are: one in a hundred must not share one bin.
    weight = look.counts / look.counts.sum()
    if not blind:
        weight += look.promoted / max(look.promoted.sum(), 1.0)
    edges = [_edges(x, weight, bins) for x in look.X[:d]]
    along = [Bins(of, of[-1], _STEPS) for of in edges]
    total = np.zeros((d + 2, bins**d))  # Σ c, Σ s and Σ c·x of each cell
    for part in blocks(len(rows), max(BLOCK, bins**d)):
        X, counts, promoted = rows.X[:d, part], rows.counts[part], rows.promoted[part]
        code = np.zeros(len(counts), dtype=np.intp)
        for x, of_input in zip(X, along, strict=True):
            code *= bins
            code += of_input.reached(x)
        for i, of in enumerate((counts, promoted, *(counts * X))):
            total[i] += np.bincount(code, weights=of, minlength=bins**d)
    total = total[:, total[0] > 0]
    counts, promoted = total[:2].copy()
    return Rows(np.vstack([total[2:] / counts, np.ones(len(counts))]), counts, promoted)


def _spread(n: int) -> Indices:
    """Rows all over the n, in steps of the golden ratio: cells lie in rows and columns, which even steps would skip."""
    return np.arange(n) if n <= _LOOK else (np.arange(_LOOK) * (0.5 * (5**0.5 - 1)) % 1.0 * n).astype(np.int64)


def _edges(x: Array, weight: Array, bins: int) -> Array:
    """Edges (bins − 1,) between bins of equal weight along values x (m,)."""
    order = np.argsort(x, kind="stable")
    share = np.cumsum(weight[order])
    edges: Array = x[order][np.searchsorted(share, np.arange(1, bins) * (share[-1] / bins))]
    if edges[0] == edges[-1]:  # nearly everybody has one value: what the others have counts all the same
        edges = np.linspace(x.min(), x.max(), bins + 1)[1:-1]
    return edges

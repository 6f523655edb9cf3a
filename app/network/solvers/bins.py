"""Bins along one input. A table of narrow steps says which bin a value is in, ten times faster than a search.

    step(x) = ⌊(x − e₁)·steps/(top − e₁)⌋ + 1, and 0 below the first edge e₁

The table has how many edges are reached at each step. A value that shares a step with an edge counts as having reached
it. Edges that share a step, because they lie close beside others that lie far, cannot be told apart.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from app.network.parameters import Array

Places = NDArray[np.intp]

_MOST_BINS = 4096
"""Bins along one input."""

NO_WIDTH = 1e-200
"""A width may be divided by where it is more than this."""


def bins_along(d: int, cells: int) -> int:
    """How many bins along each of d inputs make up at most so many cells."""
    return min(_MOST_BINS, int(cells ** (1.0 / d) + 1e-9))


class Bins:
    """What counts the edges that values have reached.

    told_apart  whether no two edges share a step
    """

    def __init__(self, edges: Array, top: float, steps: int) -> None:
        """Edges (k,), ascending, and so many steps of equal width from the first of them to top, at least the last."""
        self._low, self._steps = edges[0], steps
        self._scale = steps / max(top - edges[0], NO_WIDTH)
        at_step = np.bincount(self._step(edges), minlength=steps + 2)
        self.told_apart = bool(at_step.max() <= 1)
        self._reached = np.cumsum(at_step)

    def reached(self, x: Array) -> Places:
        """How many of the edges each of the values (n,) has reached."""
        return self._reached[self._step(x)]

    def _step(self, x: Array) -> Places:
        step: Array = x - self._low
        step *= self._scale
        step += 1.0
        np.clip(step, 0.0, self._steps + 1.0, out=step)
        return step.astype(np.intp)

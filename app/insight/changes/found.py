"""What is found for employees, in steps of their lattice; tables keep the same."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from app.network.parameters import Array
from app.network.rows import Indices

Steps = NDArray[np.int16]
"""(…, 2d), from some points of a lattice of d inputs.

    the first d  how many steps of each input turn the decision while the other inputs stay; 0 where none do
    the last d   how many steps each input takes in the nearest change of all, where that moves two inputs; 0 for every
                 input where it moves one, or where there is none
"""


class Found(NamedTuple):
    """What is found for n employees.

    steps        (n, 2d)
    probability  (n, kinds) the scores after each input alone, then after each two: the first and the second, the first
                 and the third …; one's own where there is no such change
    highest      (n,) the greatest score within reach
    """

    steps: Steps
    probability: Array
    highest: Array

    @classmethod
    def room(cls, n: int, d: int) -> Found:
        """Room for n employees with d inputs."""
        return cls(np.empty((n, 2 * d), dtype=np.int16), np.empty((n, d * (d + 1) // 2)), np.empty(n))

    def put(self, rows: Indices | int, found: Found | FoundOfOne) -> None:
        """What is found for some of them, or for one."""
        self.steps[rows], self.probability[rows], self.highest[rows] = found


FoundOfOne = tuple[Sequence[int], Sequence[float], float]
"""The same of one employee: steps (2d,), probability (kinds,), highest. A plain tuple is made in the least time."""

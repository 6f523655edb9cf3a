"""The nearest changes that turn a decision, as they are handed on: of one employee, and of many as columns."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from app.network.parameters import Array


class Change(NamedTuple):
    """One change that turns the decision.

    values       the new value of each input, in its units; None where it stays
    probability  the score there
    distance     in standard deviations of the training rows
    """

    values: tuple[float | None, float | None]
    probability: float
    distance: float


@dataclass(frozen=True, eq=False)
class ChangeColumns:
    """One kind of change for n employees.

    inputs       which inputs change
    values       (n,) for each of them, the new values in their units
    probability  (n,) the scores there
    distance     (n,) in standard deviations of the training rows
    present      (n,) whether there is such a change; where not, the columns say where one stands, at distance 0
    """

    inputs: tuple[int, ...]
    values: tuple[Array, ...]
    probability: Array
    distance: Array
    present: NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Changes:
    """The changes of n employees.

    kinds                          the first input alone, the second alone, both
    highest_reachable_probability  (n,) the greatest score within reach, the present one included
    """

    kinds: tuple[ChangeColumns, ChangeColumns, ChangeColumns]
    highest_reachable_probability: Array

    @cached_property
    def ranked(self) -> NDArray[np.int8]:
        """The numbers of the kinds that are present (3, n), nearest first; -1 where there are no more.

        The change of both is listed only where it is the nearest of all; of two equally far that which leaves the
        first input alone goes first, as in the search.
        """
        first, second, both = self.kinds
        leads = first.present & (~second.present | (first.distance < second.distance))
        nearer = np.where(leads, np.int8(0), np.where(second.present, np.int8(1), np.int8(-1)))
        farther = np.where(first.present & second.present, 1 - nearer, np.int8(-1))
        none = np.full_like(nearer, -1)
        return np.where(both.present, [np.full_like(nearer, 2), nearer, farther], [nearer, farther, none])

    @property
    def any(self) -> NDArray[np.bool_]:
        """(n,) whether anything within reach turns the decision."""
        found: NDArray[np.bool_] = self.kinds[0].present | self.kinds[1].present | self.kinds[2].present
        return found

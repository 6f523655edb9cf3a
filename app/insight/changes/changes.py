"""The nearest changes that turn a decision, as they are handed on: of one employee, and of many as columns."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, reduce
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from app.network.parameters import Array, Mask


class Change(NamedTuple):
    """One change that turns the decision.

    values       (d,) the new value of each input, in its units; None where it stays
    probability  the score there
    distance     in standard deviations of the training rows
    """

    values: tuple[float | None, ...]
    probability: float
    distance: float


@dataclass(frozen=True, eq=False)
class ChangeColumns:
    """One kind of change for n employees.

    inputs       which inputs change: one, or two in ascending order
    values       (n,) for each of them, the new values in their units
    probability  (n,) the scores there
    distance     (n,) in standard deviations of the training rows
    present      (n,) whether there is such a change; where not, the columns say where one stands, at distance 0
    """

    inputs: tuple[int, ...]
    values: tuple[Array, ...]
    probability: Array
    distance: Array
    present: Mask


@dataclass(frozen=True, eq=False)
class Changes:
    """The changes of n employees, each with d inputs.

    kinds                          each input alone, in order; then each two together: the first and the second, the
                                   first and the third …; an employee has at most one change of two
    highest_reachable_probability  (n,) the greatest score that a change of one input, or of two, can reach; the
                                   present one included
    """

    kinds: tuple[ChangeColumns, ...]
    highest_reachable_probability: Array

    @cached_property
    def ranked(self) -> NDArray[np.int8]:
        """The numbers of the kinds that are present (ranks, n), nearest first; -1 where there are no more. There is a
        rank for each input, and one more where there are two inputs or more.

        A change of two is listed only where it is the nearest of all. Of changes of one input that are equally far the
        one of the later input goes first, in `NearestChanges.of_one` too.
        """
        alone = [kind for kind in self.kinds if len(kind.inputs) == 1]
        together = self.kinds[len(alone) :]
        ranked = np.full((len(alone) + bool(together), len(alone[0].present)), -1, dtype=np.int8)
        for number, kind in enumerate(together, len(alone)):
            ranked[0] += np.int8(number + 1) * kind.present
        taken = (ranked[0] >= 0).astype(np.int8)
        for number, kind in enumerate(alone):
            place = taken.copy()
            for other_number, other in enumerate(alone):
                if other_number != number:
                    ahead = np.less_equal if other_number > number else np.less
                    place += other.present & ahead(other.distance, kind.distance)
            for rank in range(len(ranked)):
                ranked[rank] += np.int8(number + 1) * (kind.present & (place == rank))
        return ranked

    @property
    def any(self) -> Mask:
        """(n,) whether anything within reach turns the decision."""
        return reduce(np.logical_or, [kind.present for kind in self.kinds])

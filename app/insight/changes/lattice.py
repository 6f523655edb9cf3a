"""The points that a change may lead to: whole steps from where the employee stands.

    x'ᵢ = xᵢ + kᵢ·stepᵢ,   0 ≤ x'ᵢ ≤ highestᵢ,   kᵢ ≥ 0 where the input may not fall

Employees whose values differ by whole steps see the same points. They are told by the remainder of each value, and so
that 6.3 leaves .3 and 6.5 + 3·0.1 is 6.8, all is counted in whole numbers of 1e-10: doubles hold those exactly.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import combinations

import numpy as np

from app.network.parameters import Array, Mask

PER_UNIT = 1e10
"""What a unit of an input is counted in: new values have ten decimals."""

_MOST_STEPS = (1 << 15) - 1
"""Along one input: steps are kept in 16 bits."""

_MOST_POINTS = 1 << 18
"""Of two inputs together: a table of them takes 16 bytes a point, and 4 MiB at most."""


@dataclass(frozen=True)
class Lattice:
    """The steps and ranges of d inputs, d ≥ 1, all in the units of the inputs.

    steps       (d,) the least change of each input that counts; more than 0, at most ten decimals
    highest     (d,) each input's greatest value; the least is 0
    deviations  (d,) each input's standard deviation in the training rows, the unit of distances
    may_fall    (d,) whether an input may become less than it is

    Raises ValueError for a step that is none, and where two inputs together have more points than a table may have.
    """

    steps: tuple[float, ...]
    highest: tuple[float, ...]
    deviations: tuple[float, ...]
    may_fall: tuple[bool, ...]

    def __post_init__(self) -> None:
        """Refuse what the search is not made for, before anybody waits for it."""
        if not self.steps or {len(self.highest), len(self.deviations), len(self.may_fall)} != {len(self.steps)}:
            raise ValueError("steps, highest, deviations and may_fall must have a value for each input")
        if not np.isfinite(self.steps + self.deviations).all() or min(self.steps + self.deviations) <= 0:
            raise ValueError("steps and deviations must be finite and more than 0")
        if any(counted / PER_UNIT != step for counted, step in zip(self.counted_steps, self.steps, strict=True)):
            raise ValueError("steps must have at most ten decimals")
        most_points = max((n1 * n2 for n1, n2 in combinations(self.shape, 2)), default=0)
        if max(self.shape) > _MOST_STEPS or most_points > _MOST_POINTS:
            raise ValueError(f"steps must leave at most {_MOST_POINTS} points, {_MOST_STEPS} along one input")

    @cached_property
    def counted_steps(self) -> tuple[int, ...]:
        """The steps in 1e-10 units."""
        return tuple(round(step * PER_UNIT) for step in self.steps)

    @cached_property
    def counted_highest(self) -> tuple[int, ...]:
        """The greatest values in 1e-10 units."""
        return tuple(round(highest * PER_UNIT) for highest in self.highest)

    @cached_property
    def shape(self) -> tuple[int, ...]:
        """The most points that a lattice has along each input: those of the remainder 0."""
        return tuple(self.size(i, 0) for i in range(len(self.steps)))

    @cached_property
    def lengths(self) -> tuple[float, ...]:
        """stepᵢ/deviationᵢ: how far one step is."""
        return tuple(step / deviation for step, deviation in zip(self.steps, self.deviations, strict=True))

    def size(self, i: int, remainder: int) -> int:
        """How many points lie along input i."""
        return (self.counted_highest[i] - remainder) // self.counted_steps[i] + 1

    def values(self, i: int, remainder: int) -> Array:
        """The values along input i, ascending."""
        counted = remainder + np.arange(self.size(i, remainder)) * self.counted_steps[i]
        return counted / PER_UNIT

    def locate(self, X: Array) -> tuple[Array, Array, Array, Mask]:
        """Columns X (d, n) -> counted in 1e-10 units, whole steps above the remainder, remainders: (d, n), all whole.

        Last (n,): whether all values have at most ten decimals, so that they are points of their lattice themselves.
        """
        counted = np.rint(X * PER_UNIT)
        steps = np.array(self.counted_steps, dtype=float)[:, None]
        # The quotient of whole numbers below 1e13 rounds up to a whole number only where it is one.
        index = np.floor(counted / steps)
        return counted, index, counted - index * steps, (counted / PER_UNIT == X).all(axis=0)

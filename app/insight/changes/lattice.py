"""The points that a change may lead to: whole steps from where the employee stands.

    x'ᵢ = xᵢ + kᵢ·stepᵢ,   0 ≤ x'ᵢ ≤ highestᵢ,   kᵢ ≥ 0 where the input may not fall

Employees whose values differ by whole steps see the same points. They are told by the remainder of each value, and so
that 6.3 leaves .3 and 6.5 + 3·0.1 is 6.8, all is counted in whole numbers of 1e-10: doubles hold those exactly.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from app.network.parameters import Array

PER_UNIT = 1e10
"""What a unit of an input is counted in: new values have ten decimals."""

# Steps along one input are kept in 16 bits, and what is kept for a whole lattice may take 4 MiB at 16 bytes a point.
_MOST_STEPS = (1 << 15) - 1
_MOST_POINTS = 1 << 18


@dataclass(frozen=True)
class Lattice:
    """Two inputs' steps and ranges, all in the units of the inputs.

    steps       the least change of each input that counts; more than 0, at most ten decimals
    highest     each input's greatest value; the least is 0
    deviations  each input's standard deviation in the training rows, the unit of distances
    may_fall    whether an input may become less than it is: years of experience may not

    Raises ValueError for other than two inputs, a step that is none, and so fine a lattice that no table of it is kept.
    """

    steps: tuple[float, ...]
    highest: tuple[float, ...]
    deviations: tuple[float, ...]
    may_fall: tuple[bool, ...]

    def __post_init__(self) -> None:
        """Refuse what the search is not made for, before anybody waits for it."""
        if {len(self.steps), len(self.highest), len(self.deviations), len(self.may_fall)} != {2}:
            raise ValueError("the nearest change is for two inputs")
        if not np.isfinite(self.steps + self.deviations).all() or min(self.steps + self.deviations) <= 0:
            raise ValueError("steps and deviations must be finite and more than 0")
        if any(counted / PER_UNIT != step for counted, step in zip(self.counted_steps, self.steps, strict=True)):
            raise ValueError("steps must have at most ten decimals")
        if max(self.shape) > _MOST_STEPS or self.shape[0] * self.shape[1] > _MOST_POINTS:
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
    def shape(self) -> tuple[int, int]:
        """The most points that a lattice has along each input: those of the remainder 0."""
        years, score = (self.size(i, 0) for i in range(2))
        return years, score

    @cached_property
    def lengths(self) -> tuple[float, float]:
        """stepᵢ/deviationᵢ: how far one step is."""
        years, score = (step / deviation for step, deviation in zip(self.steps, self.deviations, strict=True))
        return years, score

    def size(self, i: int, remainder: int) -> int:
        """How many points lie along input i."""
        return (self.counted_highest[i] - remainder) // self.counted_steps[i] + 1

    def values(self, i: int, remainder: int) -> Array:
        """The values along input i, ascending."""
        counted = remainder + np.arange(self.size(i, remainder)) * self.counted_steps[i]
        return counted / PER_UNIT

    def locate(self, X: Array) -> tuple[Array, Array, Array, NDArray[np.bool_]]:
        """Columns X (2, n) -> counted in 1e-10 units, whole steps above the remainder, remainders: (2, n), all whole.

        Last (n,): whether both values have at most ten decimals, so that they are points of their lattice themselves.
        """
        counted = np.rint(X * PER_UNIT)
        steps = np.array(self.counted_steps, dtype=float)[:, None]
        # The quotient of whole numbers below 1e13 rounds up to a whole number only where it is one.
        index = np.floor(counted / steps)
        return counted, index, counted - index * steps, (counted / PER_UNIT == X).all(axis=0)

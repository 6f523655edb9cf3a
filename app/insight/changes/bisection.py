"""The nearest changes of two inputs for many employees at once, where the score only rises, or only falls, with one.

Along that input every line of the lattice has those who are promoted at one end. Seven bisections find where they begin
among a hundred points. A line that is farther than the nearest change of one input is not looked at. This serves
employees of whom hardly two share a lattice.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from app.insight.changes.decision_rule import DecisionRule
from app.insight.changes.found import Found
from app.insight.changes.lattice import PER_UNIT, Lattice
from app.network.parameters import Array, Mask

_LINES = 1 << 13
"""Lines gone through together: 64 KiB for each number that is worked out of them."""


def bisect(rule: DecisionRule, lattice: Lattice, X: Array, counted: Array) -> Found:
    """What is found for m employees, X (2, m), which is counted (2, m) in 1e-10 units."""
    m = X.shape[1]
    along = 1 if rule.directions[1] else 0
    over = 1 - along
    promote = rule.probability((X[0], X[1])) < rule.threshold
    employees = _Employees(rule, lattice, X, counted, promote, along)
    alone, both, highest = np.zeros((2, m)), np.zeros((2, m)), np.empty(m)
    for lines in employees.lines(np.zeros(m), np.zeros(m)):
        k = lines.first_turned()[:, 0]
        alone[along, lines.who] = np.where(np.isfinite(k), k, 0.0)
    least, most = employees.room(over)
    for lines in employees.lines(least, most):
        turned = (lines.score(np.zeros((len(lines.who), 1))) >= rule.threshold) == lines.promote
        alone[over, lines.who], _ = lines.nearest(turned, [np.abs(lines.over)], lines.over)
        highest[lines.who] = np.where(lines.allowed, lines.score(lines.best), 0.0).max(axis=1)
    lengths = np.array(lattice.lengths)[:, None]
    distance = np.abs(alone) * lengths
    within = np.ceil(np.where(distance == 0, np.inf, distance).min(axis=0) / lengths[over])
    for lines in employees.lines(np.maximum(least, -within), np.minimum(most, within)):
        k = lines.first_turned()
        first, second = (lines.over, k) if along else (k, lines.over)
        squared = (first * lengths[0]) ** 2 + (second * lengths[1]) ** 2
        nearest = lines.nearest(np.isfinite(k), [squared, first, np.abs(second)], k)
        both[over, lines.who], both[along, lines.who] = np.where(nearest[0] * nearest[1] == 0, 0.0, nearest)
    everybody, none = np.arange(m), np.zeros(m)
    moves = [alone[0], none, both[0]], [none, alone[1], both[1]]
    first, second = (employees.after(i, everybody, np.stack(move, axis=1)) for i, move in enumerate(moves))
    steps = np.concatenate([alone, both]).T.astype(np.int16)
    return Found(steps, rule.probability((first, second)), highest)


@dataclass(frozen=True, eq=False)
class _Employees:
    """X (2, m), counted (2, m) in 1e-10 units, who is (m,) to be promoted, and along which input to bisect."""

    rule: DecisionRule
    lattice: Lattice
    X: Array
    counted: Array
    promote: Mask
    along: int

    def room(self, i: int) -> tuple[Array, Array]:
        """The least and the most steps (m,) that input i may make."""
        size, highest = self.lattice.counted_steps[i], self.lattice.counted_highest[i]
        return -np.floor(self.counted[i] / size) * self.lattice.may_fall[i], np.floor(
            (highest - self.counted[i]) / size
        )

    def after(self, i: int, who: NDArray[np.intp], k: Array) -> Array:
        """Input i of some (c,) after steps (c, n); what stays as it is keeps all its decimals."""
        moved = (self.counted[i, who, None] + k * self.lattice.counted_steps[i]) / PER_UNIT
        return np.where(k == 0, self.X[i, who, None], moved)

    def lines(self, least: Array, most: Array) -> Iterator[_Lines]:
        """The lines from so few to so many steps (m,) of the other input, of as many employees as go together."""
        sizes = (most - least + 1).astype(np.intp)
        order = np.argsort(sizes, kind="stable")
        down, up = self.room(self.along)
        rises = self.rule.directions[self.along] > 0
        start = 0
        while start < len(order):
            fit = max(1, _LINES // sizes[order[start]])
            fit = max(1, _LINES // sizes[order[start : start + fit][-1]])  # the last has most
            who = order[start : start + fit]
            start += fit
            over = least[who, None] + np.arange(sizes[who[-1]])
            ends = np.stack([down[who, None], up[who, None]])
            promote = self.promote[who, None]
            goal = np.where(promote == rises, ends[1], ends[0])
            upward = np.where(promote == rises, 1.0, -1.0)
            yield _Lines(self, who, over, over <= most[who, None], promote, upward, goal, ends[int(rises)])


@dataclass(frozen=True, eq=False)
class _Lines:
    """Lines of the lattices of c employees.

    who      (c,) which of the employees
    over     (c, n) the steps of the other input at each line, ascending
    allowed  (c, n) which lines are an employee's own; the others fill up
    promote  (c, 1) who is to be promoted
    towards  (c, 1) 1 or −1: where along a line the other decision lies
    goal     (c, 1) the last step there
    best     (c, 1) the step with the highest score
    """

    employees: _Employees
    who: NDArray[np.intp]
    over: Array
    allowed: Mask
    promote: Mask
    towards: Array
    goal: Array
    best: Array

    @cached_property
    def values(self) -> Array:
        """The other input (c, n) at each line."""
        return self.employees.after(1 - self.employees.along, self.who, self.over)

    def score(self, k: Array) -> Array:
        """The scores (c, n) after k steps along each line, (c, n) or (c, 1)."""
        along = self.employees.along
        moved = np.broadcast_to(self.employees.after(along, self.who, k), self.over.shape)
        return self.employees.rule.probability((self.values, moved) if along else (moved, self.values))

    def first_turned(self) -> Array:
        """The first steps (c, n) along each line, towards the other decision, that turn it; infinite where none do."""
        threshold, last = self.employees.rule.threshold, np.abs(self.goal)
        low, high = np.zeros(self.over.shape), np.broadcast_to(last + 1, self.over.shape)
        for _ in range(int(last.max() + 1).bit_length()):
            middle = np.floor((low + high) / 2)
            turned = (self.score(self.towards * middle) >= threshold) == self.promote
            low, high = np.where(turned, low, middle + 1), np.where(turned, middle, high)
        return self.towards * np.where(high <= last, high, np.inf)

    def nearest(self, found: Mask, keys: list[Array], along: Array) -> tuple[Array, Array]:
        """The steps over and along (c,) where found (c, n) and least by the keys in their order; 0 and 0 if none."""
        tied = found & self.allowed
        for key in keys:
            tied &= key == np.where(tied, key, np.inf).min(axis=1, keepdims=True)
        line, c = tied.argmax(axis=1), np.arange(len(tied))
        there = tied[c, line]
        return np.where(there, self.over[c, line], 0.0), np.where(there, along[c, line], 0.0)

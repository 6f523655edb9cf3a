"""Which descents go on, and in what order."""

from __future__ import annotations

import numpy as np

from app.network.loss import Sums
from app.network.solvers.gauss_newton import Descents
from app.network.solvers.next_step import NextStep
from app.network.solvers.race import _alike_last, _distinct


def test_alike_descents_are_one_basin_and_stand_last_in_a_heat() -> None:
    loss = np.array([0.5, 0.3, 0.3 * (1 + 5e-7), 0.3 * (1 + 5e-6), np.nan, 0.5])
    at = Sums(loss, np.zeros((6, 1)), *np.zeros((2, 6, 1, 1)))
    room, numbers = np.zeros(6), np.arange(6)
    descents = Descents(numbers, np.zeros((6, 1)), at, room, room, NextStep(np.zeros((6, 1)), room, room), numbers)
    assert _distinct(descents).tolist()[:3] == [1, 3, 0]
    assert _alike_last(descents, 1e-6).tolist() == [1, 3, 0, 2, 5, 4]
    assert _alike_last(descents, 1e-5).tolist() == [1, 0, 2, 3, 5, 4]

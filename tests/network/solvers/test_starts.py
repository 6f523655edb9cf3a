"""How many starts a training makes, and where they begin."""

import numpy as np
import pytest

from app.network.options import FitOptions
from app.network.solvers.starts import random_starts, starts_on
from app.network.training_set import pose


@pytest.mark.parametrize(("rows", "starts"), [(3, 1024), (256, 1024), (512, 512), (2048, 128), (1_000_000, 128)])
def test_few_rows_get_more_starts(rows, starts):
    assert starts_on(rows, FitOptions()) == starts


def test_many_units_get_no_more_starts():
    assert [starts_on(200, FitOptions(hidden_units=h)) for h in (1, 2, 3, 4, 16)] == [1024, 1024, 455, 256, 128]


def test_a_chosen_number_of_starts_is_that_number():
    assert starts_on(50, FitOptions(starts=1)) == 1
    assert starts_on(1_000_000, FitOptions(starts=5000)) == 5000


def test_four_kinds_take_turns():
    rng = np.random.default_rng(5)
    inputs = rng.normal(size=(200, 2))
    objective = pose(inputs, (inputs[:, 0] > 0).astype(float), FitOptions()).objective
    theta = random_starts(objective, 400, rng)
    w = theta[:, :6].reshape(400, 2, 3)[:, :, :2]
    steepness = np.sqrt((w**2).sum(axis=2))  # (starts, units)
    for kind, ranges in enumerate([[(0.3, 1), (0.3, 1)], [(1, 8), (1, 8)], [(3, 30), (3, 30)], [(0.3, 3), (3, 30)]]):
        for unit, (flattest, steepest) in enumerate(ranges):
            drawn = steepness[kind::4, unit]
            assert flattest <= drawn.min() < flattest * 1.3
            assert steepest / 1.3 < drawn.max() <= steepest

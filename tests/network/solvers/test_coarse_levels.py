"""On how many rows starts race and descents converge, and which basins a level cannot tell apart."""

from __future__ import annotations

import numpy as np
import pytest

from app.network.objective import Objective
from app.network.options import FitOptions
from app.network.solvers.coarse_levels import Level, levels
from app.network.training_set import pose
from tests.network.training_sets import slope


def objective(n: int, d: int) -> Objective:
    rng = np.random.default_rng(n)
    return pose(rng.normal(size=(n, d)), rng.integers(0, 2, n).astype(float), FitOptions()).objective


@pytest.mark.parametrize(
    ("n", "d", "heats", "stages"),
    [
        (2048, 2, [2048, 2048], [2048]),
        (2049, 2, [1024, 1024], [2049]),
        (9000, 2, [1024, 1024], [4096, 9000]),
        (140_000, 2, [1024, 1024], [4096, 65536, 140_000]),
        (9000, 3, [1000, 1000], [4096, 9000]),
        (4097, 4, [2048, 4097], [4097]),
        (70_000, 4, [2048, 8192], [32768, 70_000]),
    ],
)
def test_levels_are_less_than_half_of_the_rows(n: int, d: int, heats: list[int], stages: list[int]) -> None:
    whole = objective(n, d)
    racing, converging = levels(whole, np.random.default_rng(0))
    for found, wanted in zip([*racing, *(stage.objective for stage in converging)], heats + stages, strict=True):
        assert 0.75 * wanted <= len(found.rows) <= wanted
        assert found.rows.counts.sum() == pytest.approx(n, rel=1e-6)
        assert found.n == n
    assert converging[-1].objective is whole
    assert {heat.rows.X.dtype for heat in racing} == {np.dtype("f4")}


def test_basins_on_cells_are_told_apart_beyond_what_the_next_level_may_move() -> None:
    level = Level(objective(100, 2), exact=True)
    theta, loss = np.zeros((4, 9)), np.array([0.5, 0.504, 0.506, 0.7])
    assert level.undecided(theta, loss, 0.005).tolist() == [True, True, False, False]
    assert level.undecided(theta, loss, 0.0).tolist() == [True, False, False, False]


def test_basins_on_a_sample_are_told_apart_beyond_its_chance() -> None:
    level = Level(pose(*slope(4000), FitOptions()).objective, exact=False)
    theta = np.zeros((3, 9))
    theta[1, -1], theta[2, -1] = 0.1, 1.0  # a base rate of .5 against .525 and .731
    # Standard error of the mean of a difference of ±.05 is .05/√4000 = .0008, of ±.5 it is .008.
    assert level.undecided(theta, np.array([0.6, 0.602, 0.65]), 0.0).tolist() == [True, True, False]
    assert level.undecided(theta, np.array([0.6, 0.608, 0.62]), 0.0).tolist() == [True, False, True]

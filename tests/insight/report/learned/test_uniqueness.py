"""Whether another answer is as good: data with one answer, data with two by symmetry, steps in cells."""

from __future__ import annotations

import numpy as np
import pytest

from app.insight.report.learned.uniqueness import solution
from app.network.forward import score
from app.network.parameters import Array
from app.network.training_set import pose
from tests.insight.runs import trained
from tests.network.training_sets import separable, slope


def solution_of(X: Array, y: Array, **options: object):
    fitted, chosen = trained(X, y, **options)
    run = solution(fitted.parameters, pose(X, y, chosen))
    while True:
        try:
            next(run)
        except StopIteration as end:
            return end.value


def exclusive_lattice(repeats: int) -> tuple[Array, Array]:
    """XOR on a lattice, four of five as the quadrant says: turned by 90 degrees it is its own opposite."""
    axis = np.array([-3.0, -2.0, -1.0, 1.0, 2.0, 3.0])
    X = np.array([(a, b) for a in axis for b in axis for _ in range(5 * repeats)])
    y = (X[:, 0] * X[:, 1] > 0).astype(float)
    y[::5] = 1 - y[::5]
    return X, y


def test_two_answers_that_mirror_each_other_are_no_unique_one() -> None:
    found = solution_of(*exclusive_lattice(2))
    assert found["unique"] is False
    assert found["starts_in_best"] > 0
    assert found["as_good"] > 0
    assert found["largest_difference"] > 0.3


@pytest.mark.parametrize(("kind", "rows"), [("band", 400), ("exclusive", 4000)])  # as they are; in cells
def test_starts_that_end_worse_are_no_other_answer(kind: str, rows: int) -> None:
    rng = np.random.default_rng(1)
    X = rng.uniform(0, 1, (rows, 2))
    here = np.abs(X[:, 0] - X[:, 1]) < 0.2 if kind == "band" else (X[:, 0] > 0.3) != (X[:, 1] > 0.6)
    found = solution_of(X, (rng.random(rows) < np.where(here, 0.95, 0.05)).astype(float))
    assert found["unique"] is True
    assert 0 < found["starts_in_best"] < 32


def test_a_network_that_missed_the_optimum_is_not_unique() -> None:
    """Trained from one start that ended in a poor basin: most others are better, which is as good at least."""
    rng = np.random.default_rng(1)
    X = rng.uniform(0, 1, (400, 2))
    y = (rng.random(400) < np.where(np.abs(X[:, 0] - X[:, 1]) < 0.2, 0.95, 0.05)).astype(float)
    best = trained(X, y)[0].objective
    poor = next(seed for seed in range(100) if trained(X, y, seed=seed, starts=1)[0].objective > 1.2 * best)
    found = solution_of(X, y, seed=poor, starts=1)
    assert found["unique"] is False
    assert found["as_good"] > found["starts_in_best"]
    assert found["largest_difference"] > 0.5


@pytest.mark.parametrize("rows", [100, 5000])  # as they are; in cells
def test_a_line_has_one_answer(rows: int) -> None:
    found = solution_of(*separable(rows), alpha=1.0)
    assert found == {"unique": True, "starts": 32, "starts_in_best": 32, "as_good": 0, "largest_difference": 0.0}


def test_steps_narrower_than_a_cell_are_no_other_answer() -> None:
    rng = np.random.default_rng(0)
    X = rng.uniform(0, 1, (20_000, 2))
    y = (rng.random(20_000) < np.where((X[:, 0] > 0.613) | (X[:, 1] > 0.8), 0.85, 0.1)).astype(float)
    found = solution_of(X, y)
    assert found["unique"] is True
    assert found["starts_in_best"] >= 25


def test_the_single_neuron_is_unique() -> None:
    assert solution_of(*slope(40), network="single_neuron")["unique"] is True


def test_twelve_rows_with_a_constant_input_have_an_answer() -> None:
    X, y = slope(12)
    X[:, 1] = 50.0
    found = solution_of(X, y)
    assert found["starts_in_best"] + found["as_good"] <= found["starts"]
    assert found["unique"] == (found["as_good"] == 0)


@pytest.mark.parametrize("network", ["two_layer", "single_neuron"])
def test_unfolded_weights_are_the_same_function(network: str) -> None:
    X, y = slope(60)
    fitted, chosen = trained(X, y, network=network)
    training_set = pose(X, y, chosen)
    theta = training_set.objective.layout.theta(fitted.parameters, training_set.scale)
    again = training_set.objective.layout.parameters(theta, training_set.scale)
    np.testing.assert_allclose(score(again, X), score(fitted.parameters, X), rtol=1e-12)
    assert fitted.objective == pytest.approx(fitted.loss + training_set.objective.penalty(theta), rel=1e-12)

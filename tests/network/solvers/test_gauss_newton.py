"""Steps of the solver: what is planned, what is kept, and where its linear algebra gives up."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from app.network.loss import Sums
from app.network.objective import Objective
from app.network.options import FitOptions
from app.network.solvers.gauss_newton import Descents, Entries, begin, finished, last_step, step
from app.network.solvers.next_step import newton
from app.network.training_set import pose
from tests.network.training_sets import exclusive, slope


def end(run):
    while True:
        try:
            next(run)
        except StopIteration as stop:
            return stop.value


def descended(objective: Objective, steps: int) -> Descents:
    theta = np.random.default_rng(1).normal(size=(4, objective.layout.size))
    descents = end(begin(objective, Entries(np.arange(4), theta, np.zeros(4, dtype=np.int64)), exact=True))
    for _ in range(steps):
        end(step(objective, descents, np.arange(4), exact=True))
    return descents


def test_a_step_without_eigenvalues_is_a_gauss_newton_step() -> None:
    # LAPACK does not find the eigenvalues of a matrix with NaN either, and says so in the same way.
    matrix, gradient = np.diag([2.0, 4.0, 1.0])[None], np.array([[1.0, -3.0, 0.0]])
    at = Sums(np.array([0.5]), gradient, matrix, np.full((1, 3, 3), np.nan))
    with pytest.raises(np.linalg.LinAlgError):
        np.linalg.eigh(at.matrix + at.bend)
    next_step = newton(at, np.array([1.0]))
    # (H + 1)·δ = −g: δ = (−1/3, 3/5); promised ½·Σ δ(μδ − g) = ½·(−1/3·(−1/3 − 1) + 3/5·(3/5 + 3))
    np.testing.assert_allclose(next_step.delta, [[-1 / 3, 3 / 5, 0.0]], rtol=1e-15)
    np.testing.assert_allclose(next_step.promised, [0.5 * (4 / 9 + 54 / 25)], rtol=1e-15)
    assert next_step.left == next_step.promised


def test_promised_and_left_are_those_of_the_quadratic_model() -> None:
    H, g, mu = np.array([[3.0, 1.0], [1.0, 2.0]]), np.array([0.5, -1.0]), 0.25
    next_step = newton(Sums(np.ones(1), g[None], 0.5 * H[None], 0.5 * H[None]), np.array([mu]))
    delta = -np.linalg.solve(H + mu * np.eye(2), g)
    np.testing.assert_allclose(next_step.delta, [delta], rtol=1e-13)
    np.testing.assert_allclose(next_step.promised, [-delta @ g - 0.5 * delta @ H @ delta], rtol=1e-13)
    np.testing.assert_allclose(next_step.left, [0.5 * g @ np.linalg.solve(H, g)], rtol=1e-13)


def test_the_plan_is_that_of_where_the_descents_stand() -> None:
    objective = pose(*exclusive(300), FitOptions()).objective
    for steps in range(6):
        descents = descended(objective, steps)
        here = end(objective.at(descents.theta, exact=True))
        np.testing.assert_array_equal(descents.at.loss, here.loss)
        np.testing.assert_allclose(
            descents.next_step.delta, newton(here, descents.damping).delta, rtol=1e-9, atol=1e-12
        )


def test_damping_is_kept_over_other_rows_but_never_raised() -> None:
    objective = pose(*slope(300), FitOptions()).objective
    before = descended(objective, 0)
    for brought, kept in [(before.damping / 100, before.damping / 100), (before.damping * 100, before.damping)]:
        entries = replace(before.leaving(np.arange(4)), damping=brought)
        again = end(begin(objective, entries, exact=True))
        np.testing.assert_array_equal(again.damping, kept)
        np.testing.assert_allclose(again.next_step.delta, newton(again.at, kept).delta, rtol=1e-12)


def test_the_last_step_is_kept_only_if_the_loss_falls() -> None:
    objective = pose(*slope(300), FitOptions(network="single_neuron")).objective
    descents = descended(objective, 4)
    assert not np.any(finished(descents, 1e-14))
    descents.next_step.delta[1] *= -1.0  # uphill
    after = end(last_step(objective, descents))
    assert np.all(after.loss[[0, 2, 3]] < descents.loss[[0, 2, 3]])
    np.testing.assert_allclose(after.loss, end(objective.at(after.theta)).loss, rtol=1e-14)
    np.testing.assert_array_equal(after.theta[1], descents.theta[1])
    assert (after.loss[1], (after.steps - descents.steps).tolist()) == (descents.loss[1], [1, 0, 1, 1])

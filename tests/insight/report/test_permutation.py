"""The p-value: against full enumeration, the score statistic by regression, hypergeometric moments, and uniformity."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from scipy.stats import binom, hypergeom, kstest

from app.insight.report.permutation import PERMUTATIONS, gains, gathered, p_value, shuffles, whitened
from app.network.objective import Objective
from app.network.options import FitOptions
from app.network.parameters import Array
from app.network.rows import Rows
from app.network.solvers.starts import hidden_layers
from app.network.training_set import pose
from tests.insight.runs import ended
from tests.network.training_sets import exclusive, separable, slope


def objective_of(inputs: Array, targets: Array, **options: object) -> Objective:
    return pose(inputs, targets, FitOptions(**options)).objective  # type: ignore[arg-type]


def p_of(inputs: Array, targets: Array, **options: object) -> float:
    return ended(p_value(objective_of(inputs, targets, **options)))


def by_hand(objective: Objective, y: Array, seed: int) -> float:
    """The ln mean exp(½·uᵀV⁻¹u) of decisions y (n,) on ungrouped rows, layer by layer and row by row."""
    X, n, alpha = objective.rows.X, len(y), max(objective.alpha, 0.01)
    T = []
    for layer in hidden_layers(objective.layout, X, 512, np.random.default_rng(seed)):
        f = 1 / (1 + np.exp(-layer @ X))
        u, V = np.zeros(2), alpha * np.eye(2)
        for r in range(n):
            away = f[:, r] - f.mean(axis=1)
            u += (y[r] - y.mean()) * away
            V += y.mean() * (1 - y.mean()) * np.outer(away, away)
        T.append(0.5 * u @ np.linalg.solve(V, u))
    return float(np.log(np.mean(np.exp(T))))


def test_the_gain_is_the_mean_over_layers_of_the_score_statistic() -> None:
    X, y = slope(15)
    objective = objective_of(X, y, alpha=0.3)
    base = whitened(objective, np.random.default_rng(5))
    gain = gains(base, (objective.rows.promoted - y.mean())[None])[0]
    assert gain == pytest.approx(by_hand(objective, objective.rows.promoted, 5), rel=1e-10)


def test_the_single_neurons_gain_is_half_of_raos_statistic() -> None:
    """For the base rate against a logistic regression that is n·R² of a least-squares regression of y on the inputs."""
    X, y = slope(3000)
    y = np.where(np.random.default_rng(1).random(3000) < 0.8, y[::-1], y)  # weak
    objective = objective_of(X, y, network="single_neuron", alpha=0.0)
    gain = gains(whitened(objective, np.random.default_rng()), (objective.rows.promoted - y.mean())[None])[0]
    design = np.column_stack([X, np.ones(3000)])
    residual = y - design @ np.linalg.lstsq(design, y, rcond=None)[0]
    assert 2 * gain == pytest.approx(3000 * (1 - residual.var() / y.var()), rel=1e-3)


@pytest.mark.parametrize("seed", range(4))
def test_p_is_that_of_all_arrangements(seed: int) -> None:
    """Nine rows, four promoted: all 126 ways to choose them."""
    rng = np.random.default_rng(seed)
    X, y = rng.normal(size=(9, 2)), np.array([1.0] * 4 + [0.0] * 5)
    X[:4] += 0.7
    objective = objective_of(X, y)
    assert len(objective.rows) == 9
    base = whitened(objective, np.random.default_rng(0))
    every = np.zeros((126, 9))
    for row, chosen in zip(every, combinations(range(9), 4), strict=True):
        row[list(chosen)] = 1.0
    gain = gains(base, every - 4 / 9)
    real = gains(base, (objective.rows.promoted - 4 / 9)[None])[0]
    exact = (gain >= real - 1e-9).mean()
    assert p_of(X, y) == pytest.approx(exact, abs=4 * np.sqrt(exact / PERMUTATIONS))


@pytest.mark.long
def test_without_a_signal_p_is_uniform() -> None:
    p = []
    for seed in range(300):
        rng = np.random.default_rng([3, seed])
        y = np.zeros(40)
        y[rng.choice(40, 12, replace=False)] = 1.0
        X = np.column_stack([rng.integers(0, 8, 40), rng.lognormal(size=40)])
        p.append(p_of(X, y))
    assert binom.ppf(1e-3, 300, 0.05) <= np.sum(np.array(p) <= 0.05) <= binom.ppf(0.999, 300, 0.05)
    assert kstest(p, "uniform").pvalue > 1e-3


def test_the_least_p_is_never_zero() -> None:
    X, y = slope(400)
    assert p_of(X, y) == 1 / (1 + PERMUTATIONS)


def test_an_exclusive_signal_is_found_by_the_network_and_not_by_the_neuron() -> None:
    X, y = exclusive(300)
    assert p_of(X, y) == 1 / (1 + PERMUTATIONS)
    assert p_of(X, y, network="single_neuron") > 0.05


@pytest.mark.parametrize("network", ["two_layer", "single_neuron"])
def test_constant_inputs_have_a_p_of_one(network: str) -> None:
    y = (np.arange(40) % 3 == 0).astype(float)
    assert p_of(np.full((40, 2), 7.0), y, network=network) == 1.0


def test_one_of_twelve_promoted_cannot_be_a_signal() -> None:
    """He may stand out as much as he likes: chance would choose him one time in twelve."""
    X = np.random.default_rng(0).normal(size=(12, 2))
    X[3] = 9.0, 9.0
    y = np.zeros(12)
    y[3] = 1.0
    assert p_of(X, y) == pytest.approx(1 / 12, abs=4 * np.sqrt(1 / 12 / PERMUTATIONS))


def test_one_in_a_hundred_promoted_can_be_a_signal() -> None:
    X = np.random.default_rng(0).uniform(0, 1, (1000, 2))
    assert p_of(X, (X.sum(axis=1) >= np.sort(X.sum(axis=1))[-10]).astype(float)) == 1 / (1 + PERMUTATIONS)


@pytest.mark.parametrize("alpha", [0.0, 0.1, 1e6])
def test_any_penalty_and_separable_rows_have_a_p(alpha: float) -> None:
    assert p_of(*separable(60), alpha=alpha) == 1 / (1 + PERMUTATIONS)


@pytest.mark.parametrize("rows", [4000, 6000])  # shuffled one by one; drawn cell by cell
def test_shuffles_are_hypergeometric(rows: int) -> None:
    counts = np.array([rows - 600.0, 500.0, 99.0, 1.0])
    promoted = np.array([0.0, 0.0, 60.0, 0.0])
    drawn = shuffles(Rows(np.ones((3, 4)), counts, promoted), 2000, np.random.default_rng(0))
    assert np.all(drawn.sum(axis=1) == 60)
    assert np.all(drawn <= counts)
    for cell in range(4):
        law = hypergeom(rows, int(counts[cell]), 60)
        assert drawn[:, cell].mean() == pytest.approx(law.mean(), abs=5 * law.std() / np.sqrt(2000))
        assert drawn[:, cell].var() == pytest.approx(law.var(), rel=0.2)


@pytest.mark.parametrize("inputs", [2, 5])
def test_many_rows_are_gathered_without_a_look_at_the_decisions(inputs: int) -> None:
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(5000, inputs)), (rng.random(5000) < 0.1).astype(float)
    y[X[:, 0] > 2] = 1.0
    shuffled = rng.permutation(y)
    some, same = (gathered(objective_of(X, of).rows, np.random.default_rng(1)) for of in (y, shuffled))
    np.testing.assert_array_equal(some.X, same.X)
    np.testing.assert_array_equal(some.counts, same.counts)
    assert len(some) <= 2048
    assert p_of(X, y) == 1 / (1 + PERMUTATIONS)


def test_many_units_take_no_more_memory() -> None:
    X, y = slope(50)
    base = whitened(objective_of(X, y, hidden_units=64), np.random.default_rng(0))
    assert base.shape == (16, 64, 50)


def test_the_same_data_give_the_same_p() -> None:
    X, y = exclusive(50)
    assert p_of(X, y) == p_of(X, y, seed=8) == p_of(X, y, starts=3)

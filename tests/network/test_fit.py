"""Trainings: the optimum against scikit-learn, outcomes, progress, the same bits again, and degenerate data."""

from __future__ import annotations

import itertools
import math
import subprocess
import sys
import warnings
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.linear_model import LogisticRegression
from sklearn.neural_network import MLPClassifier

from app.network.fit import fit
from app.network.fitted import Fitted
from app.network.forward import logit, probability
from app.network.options import FitOptions
from app.network.parameters import Array
from app.network.training_set import UnusableData
from tests.examples import examples
from tests.network.training_sets import exclusive, run, separable, slope


def best_of_scikit_learn(X: Array, y: Array, alpha: float, units: int = 2, starts: int = 20) -> float:
    """The least J̄ of so many L-BFGS starts, computed anew from the weights that they ended with."""
    X, found = (X - X.mean(0)) / X.std(0), []
    for seed in range(starts):
        network = MLPClassifier((units,), activation="logistic", solver="lbfgs", alpha=alpha, random_state=seed,
                                tol=1e-10, max_iter=5000)  # fmt: skip
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of an iteration limit
            network.fit(X, y)
        (W, w), (c, b) = network.coefs_, network.intercepts_
        z = (1 / (1 + np.exp(-(X @ W + c))) @ w + b)[:, 0]
        found.append(np.mean(np.logaddexp(0, z) - y * z) + alpha / (2 * len(y)) * ((W**2).sum() + (w**2).sum()))
    return float(min(found))


@pytest.mark.parametrize(
    ("data", "alpha", "units"),
    [
        pytest.param(exclusive(400, seed=1), 0.1, 2, marks=pytest.mark.long),
        pytest.param(exclusive(2000, seed=3, whole=True), 0.1, 2, marks=pytest.mark.long),
        pytest.param(slope(500), 0.01, 2, marks=pytest.mark.long),
        (slope(60, seed=5), 1.0, 2),
        pytest.param(separable(200), 0.1, 2, marks=pytest.mark.long),
        pytest.param(exclusive(300, seed=4), 0.1, 3, marks=pytest.mark.long),
        pytest.param(slope(200, seed=9), 0.1, 4, marks=pytest.mark.long),
    ],
)
def test_no_worse_than_the_best_of_twenty_scikit_learn_starts(
    data: tuple[Array, Array], alpha: float, units: int
) -> None:
    reference = best_of_scikit_learn(*data, alpha, units)
    for seed in range(3):
        fitted, _ = run(*data, alpha=alpha, hidden_units=units, seed=seed)
        assert fitted.outcome == "converged"
        assert fitted.objective <= reference * (1 + 1e-6)


@pytest.mark.long
def test_fifty_seeds_find_the_one_optimum_of_exclusive_data() -> None:
    X, y = exclusive(1000, seed=2, whole=True)
    found = [run(X, y, seed=seed)[0].objective for seed in range(50)]
    assert max(found) <= min(found) * (1 + 1e-6)


@pytest.mark.parametrize("more", [0, pytest.param(2, marks=pytest.mark.long)])
def test_levels_lead_to_the_optimum_of_many_distinct_rows(more: int) -> None:
    """Cells where there are two inputs, samples where there are four."""
    X, y = exclusive(70_000, seed=1)
    X = np.hstack([X, np.random.default_rng(0).normal(size=(70_000, more))])
    found = [run(X, y, seed=seed)[0] for seed in range(2)]
    everything, _ = run(X[:9000], y[:9000])
    for fitted in found:
        assert fitted.outcome == "converged"
        assert fitted.objective == pytest.approx(found[0].objective, rel=1e-7)
        assert fitted.loss == pytest.approx(everything.loss, rel=0.05)
        z = logit(fitted.parameters, X)  # the result is in raw units, and its loss is that of all rows
        assert np.mean(np.logaddexp(0, z) - y * z) == pytest.approx(fitted.loss, rel=1e-9)


@pytest.mark.parametrize("alpha", [0.001, 0.1, 10.0])
@pytest.mark.parametrize("data", [slope(500), exclusive(300, whole=True), slope(8, seed=3)])
def test_single_neuron_is_logistic_regression(data: tuple[Array, Array], alpha: float) -> None:
    X, y = data
    scaled = (X - X.mean(0)) / X.std(0)
    oracle = LogisticRegression(C=1 / alpha, tol=1e-13, solver="newton-cholesky", max_iter=1000).fit(scaled, y)
    fitted, _ = run(X, y, network="single_neuron", alpha=alpha)
    np.testing.assert_allclose(fitted.parameters.output * X.std(0), oracle.coef_[0], rtol=1e-8, atol=1e-9)
    np.testing.assert_allclose(
        probability(logit(fitted.parameters, X)), oracle.predict_proba(scaled)[:, 1], rtol=1e-8, atol=1e-12
    )
    assert (fitted.outcome, fitted.parameters.kind) == ("converged", "single_neuron")


def test_loss_and_objective_are_those_of_the_weights() -> None:
    X, y = exclusive(500, seed=6)
    fitted, _ = run(X, y, alpha=0.7)
    network = fitted.parameters
    z = logit(network, X)
    assert np.mean(np.logaddexp(0, z) - y * z) == pytest.approx(fitted.loss, rel=1e-12)
    assert network.hidden is not None
    weights = ((network.hidden * X.std(0)[:, None]) ** 2).sum() + (network.output**2).sum()
    assert fitted.objective == pytest.approx(fitted.loss + 0.7 / 1000 * weights, rel=1e-12)


def test_an_iteration_limit_is_an_outcome() -> None:
    X, y = exclusive(300)
    fitted, _ = run(X, y, max_iterations=2)
    assert (fitted.outcome, fitted.iterations) == ("iteration_limit", 2)
    assert fitted.loss < math.log(2)
    many, _ = run(*exclusive(9000), max_iterations=2)
    assert many.outcome == "iteration_limit"
    one, _ = run(X, y, network="single_neuron", max_iterations=1)
    assert one.outcome == "iteration_limit"


@pytest.mark.parametrize("options", [{}, {"network": "single_neuron"}, {"starts": 1}, {"solver": "gradient_descent"}])
@pytest.mark.parametrize("n", [300, 12_000])
def test_progress_counts_from_one_and_never_goes_back(n: int, options: dict[str, object]) -> None:
    fitted, seen = run(*slope(n), **{"epochs": 20, **options})
    assert len(seen) > 3
    done = [progress.done for progress in seen]
    assert all(later >= sooner for sooner, later in itertools.pairwise(done))
    assert 0 <= done[0] < done[-1] == 1.0
    assert all(1 <= progress.start <= progress.starts and math.isfinite(progress.loss) for progress in seen)
    assert seen[-1].loss == pytest.approx(fitted.loss, rel=1e-9)
    assert seen[-1].iteration == fitted.iterations


def test_a_training_can_be_dropped_at_any_progress() -> None:
    training = fit(*exclusive(500), FitOptions())
    for _ in range(3):
        next(training)
    training.close()
    with pytest.raises(StopIteration):
        next(training)


def weights(fitted: Fitted) -> bytes:
    network = fitted.parameters
    assert network.hidden is not None
    assert network.hidden_bias is not None
    bias = np.array(network.output_bias)
    return b"".join(part.tobytes() for part in (network.hidden, network.hidden_bias, network.output, bias))


@pytest.mark.parametrize("n", [pytest.param(400, marks=pytest.mark.long), 20_000])
def test_the_same_bits_in_another_process(n: int) -> None:
    program = (
        "from tests.network.test_fit import *; "
        f"print(weights(run(*exclusive({n}, seed=8), seed=5)[0]).hex())"
    )  # fmt: skip
    root = Path(__file__).parents[2]
    there = subprocess.run([sys.executable, "-c", program], cwd=root, capture_output=True, text=True, check=True)
    here = weights(run(*exclusive(n, seed=8), seed=5)[0])
    assert there.stdout.strip() == here.hex()
    assert len(here) == 9 * 8


@examples(4)
@given(st.integers(0, 2**32 - 1))
def test_the_order_of_rows_changes_nothing_material(seed: int) -> None:
    X, y = exclusive(300, seed=1, whole=True)
    order = np.random.default_rng(seed).permutation(300)
    assert weights(run(X[order], y[order])[0]) == weights(run(X, y)[0])  # tied rows: not even a bit
    X, y = slope(200, seed=2)
    order = np.random.default_rng(seed).permutation(200)
    assert run(X[order], y[order])[0].objective == pytest.approx(run(X, y)[0].objective, rel=1e-6)


@examples(6)
@given(st.floats(1e-6, 1e6), st.floats(-1e3, 1e3), st.floats(1e-6, 1e6))
def test_units_of_the_inputs_change_no_probability(years: float, shift: float, score: float) -> None:
    X, y = slope(150, seed=3)
    moved = X * [years, score] + [shift * years, -shift * score]
    for network in ("single_neuron", "two_layer"):
        one, _ = run(X, y, network=network, alpha=1.0)
        other, _ = run(moved, y, network=network, alpha=1.0)
        p, q = probability(logit(one.parameters, X)), probability(logit(other.parameters, moved))
        np.testing.assert_allclose(q, p, atol=2e-4)
        assert other.objective == pytest.approx(one.objective, rel=1e-7)


@pytest.mark.parametrize("network", ["single_neuron", "two_layer"])
@pytest.mark.parametrize("solver", ["gauss_newton", "gradient_descent"])
@pytest.mark.parametrize(
    "alpha", [pytest.param(0.0, marks=pytest.mark.long), pytest.param(1e-9, marks=pytest.mark.long), 0.1]
)
@pytest.mark.parametrize(
    "data",
    {
        "separable": separable(60),
        "three rows": (np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 5.0]]), np.array([0.0, 1.0, 1.0])),
        "constant input": (np.column_stack([slope(50)[0][:, 0], np.full(50, 7.3)]), slope(50)[1]),
        "scales apart": (slope(50)[0] * [1e-90, 1e90], slope(50)[1]),
        "one promoted": (slope(400)[0], np.eye(400)[3]),
        "an outlier": (np.vstack([slope(50)[0], [[1e12, 5.0]]]), np.append(slope(50)[1], 1.0)),
    }.items(),
    ids=lambda pair: pair[0],
)
def test_degenerate_data_end_in_numbers(
    data: tuple[str, tuple[Array, Array]], alpha: float, solver: str, network: str
) -> None:
    X, y = data[1]
    base = y.mean()
    fitted, _ = run(X, y, alpha=alpha, solver=solver, network=network, epochs=300)
    p = probability(logit(fitted.parameters, X))
    assert np.all((p >= 0) & (p <= 1))
    assert fitted.outcome in {"converged", "iteration_limit"}
    worst = -base * math.log(base) - (1 - base) * math.log(1 - base)
    assert 0 <= fitted.loss <= worst * (1.0 + 1e-9) or solver == "gradient_descent"
    assert math.isfinite(fitted.objective)
    if data[0] == "separable" and solver == "gauss_newton" and alpha == 0.0:
        assert fitted.loss < 1e-6
        assert np.array_equal(p >= 0.5, y == 1)


@pytest.mark.parametrize("network", ["single_neuron", "two_layer"])
def test_rows_all_alike_get_the_base_rate(network: str) -> None:
    X, y = np.tile([6.5, 82.0], (40, 1)), (np.arange(40) < 12).astype(float)
    fitted, _ = run(X, y, network=network)
    assert fitted.outcome == "converged"
    assert probability(logit(fitted.parameters, X[:1]))[0] == pytest.approx(0.3, abs=1e-5)


@pytest.mark.parametrize(
    ("X", "y", "message"),
    [
        (np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([0.0, 1.0]), "at least 3 rows"),
        (np.arange(8.0).reshape(4, 2), np.ones(4), "both decisions"),
        (np.arange(8.0).reshape(4, 2), np.zeros(4), "both decisions"),
        (np.array([[1.0, 2.0], [math.nan, 4.0], [5.0, 6.0]]), np.array([0.0, 1.0, 1.0]), "finite"),
        (np.array([[1.0, 2.0], [math.inf, 4.0], [5.0, 6.0]]), np.array([0.0, 1.0, 1.0]), "finite"),
        (np.array([[1.0, 2.0], [1e101, 4.0], [5.0, 6.0]]), np.array([0.0, 1.0, 1.0]), "finite"),
        (np.arange(8.0).reshape(4, 2), np.array([0.0, 1.0, 2.0, 1.0]), "0 or 1"),
        (np.arange(8.0).reshape(4, 2), np.array([0.0, 1.0, math.nan, 1.0]), "0 or 1"),
        (np.empty((0, 2)), np.empty(0), "at least 3 rows"),
    ],
)
def test_data_that_cannot_be_trained_on_are_refused_before_any_progress(X: Array, y: Array, message: str) -> None:
    training = fit(X, y, FitOptions())
    with pytest.raises(UnusableData, match=message):
        next(training)
    assert issubclass(UnusableData, ValueError)

"""The interval against other people's formulas, by hand where it is simple, and where the data say nothing."""

from __future__ import annotations

import math

import numpy as np
import pytest
import statsmodels.api as statsmodels
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from sklearn.linear_model import LogisticRegression

from app.insight.evidence import interval as tested
from app.insight.evidence.interval import Posterior, interval_of_one, posterior, quantile
from app.network.forward import logit, probability
from app.network.one import probability_one, score_one
from app.network.options import FitOptions
from app.network.parameters import Array, Parameters
from app.network.standardise import Scale
from app.network.training_set import pose
from tests.network.training_sets import exclusive, run, separable, slope


def interval(z: Array, s: Array, level: float) -> tuple[Array, Array]:
    """Low and high (n,) of logits and their deviations (n,)."""
    return tested.interval(z, probability(z), s, level)


def posterior_of(parameters: Parameters, X: Array, y: Array, alpha: float) -> Posterior:
    """The posterior of a network that was trained on those rows with that alpha."""
    hidden_units = len(parameters.output)
    return posterior(parameters, pose(X, y, FitOptions(parameters.kind, hidden_units=hidden_units, alpha=alpha)))


def random_posterior(d: int, h: int, seed: int) -> tuple[Parameters, Posterior]:
    """A network of any size and a posterior that need not be its own."""
    rng = np.random.default_rng(seed)
    size = h * (d + 1) + h + 1 if h else d + 1
    deviation = rng.uniform(0.5, 20, d)
    hidden = rng.normal(size=(d, h)) / deviation[:, None] if h else None
    bias = rng.normal(size=h) if h else None
    parameters = Parameters(hidden, bias, 3 * rng.normal(size=h or d), float(rng.normal()))
    return parameters, Posterior(Scale(rng.normal(size=d), deviation), np.tril(rng.normal(size=(size, size))))


def numerical_gauss_newton(parameters: Parameters, X: Array, alpha: float, at: Array) -> tuple[Array, Array]:
    """Deviations at some rows, and the covariance, from differences of the logit and np.linalg.inv: nothing of ours
    but `logit` itself. The weights of the standardised network are moved by moving the published ones.
    """
    mean, deviation = X.mean(axis=0), X.std(axis=0)
    d, h = parameters.hidden.shape

    def moved(j: int, by: float) -> Parameters:
        hidden, bias = parameters.hidden.copy(), parameters.hidden_bias.copy()
        output, last = parameters.output.copy(), parameters.output_bias
        k, i = divmod(j, d + 1)
        if j == h * (d + 1) + h:
            last += by
        elif k >= h:
            output[j - h * (d + 1)] += by
        elif i == d:
            bias[k] += by
        else:
            hidden[i, k] += by / deviation[i]
            bias[k] -= by * mean[i] / deviation[i]
        return Parameters(hidden, bias, output, last)

    def slopes(rows: Array) -> Array:
        step = 1e-5
        return np.array(
            [(logit(moved(j, step), rows) - logit(moved(j, -step), rows)) / (2 * step) for j in range(h * (d + 2) + 1)]
        )

    p = probability(logit(parameters, X))
    J = slopes(X)
    prior = np.full(len(J), alpha)
    prior[[k * (d + 1) + d for k in range(h)] + [-1]] = 1e-6
    covariance = np.linalg.inv((J * p * (1 - p)) @ J.T + np.diag(prior))
    g = slopes(at)
    return np.sqrt(np.einsum("jn,jk,kn->n", g, covariance, g)), covariance


@pytest.mark.parametrize("whole", [False, True])
def test_two_layers_are_those_of_the_numerical_gauss_newton_matrix(whole: bool) -> None:
    X, y = exclusive(300, whole=whole)
    parameters = run(X, y, starts=16)[0].parameters
    at = np.array([[0.0, 0.0], [20.0, 50.0], [39.0, 3.0], [60.0, 120.0]])
    expected, covariance = numerical_gauss_newton(parameters, X, 0.1, at)
    ours = posterior_of(parameters, X, y, 0.1)
    np.testing.assert_allclose(ours.deviation(parameters, at), expected, rtol=1e-6)
    np.testing.assert_allclose(ours.root @ ours.root.T, covariance, rtol=1e-5, atol=1e-7 * covariance.max())
    assert np.all(np.triu(ours.root, 1) == 0)


@pytest.mark.parametrize("d", [1, 3, 4])
def test_any_number_of_inputs_has_the_numerical_gauss_newton_matrix(d: int) -> None:
    rng = np.random.default_rng(d)
    X = rng.normal(size=(250, d)) * [8.0, 15.0, 2.0, 0.5][:d] + [20.0, 60.0, 5.0, 1.0][:d]
    standard = (X - X.mean(axis=0)) / X.std(axis=0)
    y = (rng.random(250) < probability(2 * np.abs(standard[:, 0]) + standard[:, -1] - 1.5)).astype(float)
    parameters = run(X, y, starts=16)[0].parameters
    at = X[:3] + np.array([[0.0], [1.0], [-3.0]])
    expected, _ = numerical_gauss_newton(parameters, X, 0.1, at)
    np.testing.assert_allclose(posterior_of(parameters, X, y, 0.1).deviation(parameters, at), expected, rtol=1e-5)


def test_a_neuron_without_penalty_has_the_standard_errors_of_logistic_regression() -> None:
    X, y = slope(400)
    parameters = run(X, y, network="single_neuron", alpha=0.0)[0].parameters
    theirs = statsmodels.Logit(y, statsmodels.add_constant(X)).fit(disp=0, tol=1e-12)
    at = np.array([[1.0, 10.0], [20.0, 50.0], [80.0, 0.0]])
    row = statsmodels.add_constant(at, has_constant="add")
    expected = np.sqrt(np.einsum("ni,ij,nj->n", row, theirs.cov_params(), row))
    ours = posterior_of(parameters, X, y, 0.0)
    np.testing.assert_allclose(ours.deviation(parameters, at), expected, rtol=1e-5)
    low, high = interval(logit(parameters, at), ours.deviation(parameters, at), 0.9)
    z = row @ theirs.params
    np.testing.assert_allclose(low, stats.logistic.cdf(z + stats.norm.ppf(0.05) * expected), rtol=1e-4)
    np.testing.assert_allclose(high, stats.logistic.cdf(z + stats.norm.ppf(0.95) * expected), rtol=1e-4)


def test_the_prior_is_that_of_the_objective() -> None:
    # scikit-learn's C is 1/alpha for the sum of the losses; its network has the least J̄, ours the same
    X, y = slope(60)
    standard = (X - X.mean(axis=0)) / X.std(axis=0)
    theirs = LogisticRegression(C=1 / 2.5, tol=1e-10, max_iter=1000).fit(standard, y)
    p = theirs.predict_proba(standard)[:, 1]
    design = np.column_stack([standard, np.ones(60)])
    H = design.T @ (design * (p * (1 - p))[:, None]) + np.diag([2.5, 2.5, 0.0])
    parameters = run(X, y, network="single_neuron", alpha=2.5)[0].parameters
    ours = posterior_of(parameters, X, y, 2.5)
    expected = np.sqrt(np.einsum("ni,ij,nj->n", design, np.linalg.inv(H), design))
    np.testing.assert_allclose(ours.deviation(parameters, X), expected, rtol=1e-4)


def test_a_constant_input_is_as_uncertain_as_its_prior() -> None:
    # Its weight moves no row: H is alpha there, and a step of δ adds δ²/alpha to s² (its deviation counts as 1)
    X, y = slope(200)
    X[:, 1] = 70.0
    parameters = run(X, y, network="single_neuron", alpha=0.1)[0].parameters
    ours = posterior_of(parameters, X, y, 0.1)
    here, there = ours.deviation(parameters, np.array([[10.0, 70.0], [10.0, 73.0]]))
    assert there**2 - here**2 == pytest.approx(3.0**2 / 0.1, rel=1e-9)


def test_the_decisions_twice_halve_the_variance() -> None:
    X, y = slope(200)
    parameters = run(X, y, network="single_neuron", alpha=0.0)[0].parameters
    once = posterior_of(parameters, X, y, 0.0).deviation(parameters, X[:5])
    twice = posterior_of(parameters, np.tile(X, (2, 1)), np.tile(y, 2), 0.0).deviation(parameters, X[:5])
    np.testing.assert_allclose(once / twice, math.sqrt(2), rtol=1e-4)


def test_units_do_not_matter() -> None:
    X, y = exclusive(300)
    parameters = run(X, y, starts=16)[0].parameters
    months = np.array([12.0, 1.0])
    in_months = Parameters(
        parameters.hidden / months[:, None], parameters.hidden_bias, parameters.output, parameters.output_bias
    )
    there = posterior_of(in_months, X * months, y, 0.1).deviation(in_months, X * months)
    np.testing.assert_allclose(posterior_of(parameters, X, y, 0.1).deviation(parameters, X), there, rtol=1e-9)


def test_equal_forms_of_a_network_have_equal_intervals() -> None:
    # wσ(z) = w − wσ(−z): the second unit turned round, and the units changed over
    X, y = exclusive(300)
    one = run(X, y, starts=16)[0].parameters
    turn = np.array([1.0, -1.0])
    other = Parameters(
        (one.hidden * turn)[:, ::-1],
        (one.hidden_bias * turn)[::-1],
        (one.output * turn)[::-1],
        one.output_bias + float(one.output[1]),
    )
    np.testing.assert_allclose(logit(one, X), logit(other, X), rtol=1e-9)
    expected = posterior_of(one, X, y, 0.1).deviation(one, X)
    np.testing.assert_allclose(posterior_of(other, X, y, 0.1).deviation(other, X), expected, rtol=1e-6)


@given(d=st.integers(1, 4), h=st.integers(0, 4), seed=st.integers(0, 10**6), n=st.integers(1, 40))
def test_alone_and_in_a_batch_are_the_same_bits(d: int, h: int, seed: int, n: int) -> None:
    parameters, ours = random_posterior(d, h, seed)
    X = np.random.default_rng(seed).normal(scale=30, size=(n, d))
    s, z = ours.deviation(parameters, X), logit(parameters, X)
    low, high = interval(z, s, 0.9)
    for r, x in enumerate(X.tolist()):
        assert ours.deviation_of_one(parameters, x) == s[r]
        assert interval_of_one(float(z[r]), probability_one(z[r]), float(s[r]), 0.9) == (low[r], high[r])


def test_many_rows_are_those_of_each_chunk() -> None:
    parameters, ours = random_posterior(2, 2, 5)
    X = np.random.default_rng(5).uniform(0, 80, (10_000, 2))
    expected = np.concatenate([ours.deviation(parameters, X[i : i + 97]) for i in range(0, len(X), 97)])
    assert np.array_equal(ours.deviation(parameters, X), expected)


@given(z=st.floats(-1e4, 1e4), s=st.floats(0, 1e6), level=st.floats(0.01, 0.999))
def test_low_score_high_are_in_order(z: float, s: float, level: float) -> None:
    low, high = interval_of_one(z, probability_one(z), s, level)
    middle = score_one(Parameters(None, None, np.array([1.0]), 0.0), [z])
    assert 0 <= low <= middle <= high <= 1
    many = interval(np.array([z, z]), np.array([s, s]), level)
    assert many[0].tolist() == [low, low]
    assert many[1].tolist() == [high, high]


def test_levels_are_the_normal_distributions() -> None:
    assert quantile(0.9) == pytest.approx(1.6448536269514722, rel=1e-12)
    assert quantile(0.5) == pytest.approx(stats.norm.ppf(0.75), rel=1e-12)
    low, high = interval_of_one(0.0, 0.5, 1.0, 0.9)
    assert (low, high) == pytest.approx((stats.logistic.cdf(-1.6448536), stats.logistic.cdf(1.6448536)), abs=1e-8)


@pytest.mark.parametrize("network", ["two_layer", "single_neuron"])
@pytest.mark.parametrize("alpha", [0.0, 1e-4, 0.1])
def test_separable_data_leave_the_boundary_open_and_never_nan(network: str, alpha: float) -> None:
    X, y = separable(100)
    parameters = run(X, y, network=network, alpha=alpha, starts=16)[0].parameters
    ours = posterior_of(parameters, X, y, alpha)
    at = np.vstack([X, [[0.0, 0.0], [80.0, 100.0], [5.0, 5.0]]])
    s = ours.deviation(parameters, at)
    assert np.all(np.isfinite(ours.root))
    assert np.all(np.isfinite(s))
    low, high = interval(logit(parameters, at), s, 0.9)
    assert np.all((low >= 0) & (low <= high) & (high <= 1))
    if alpha == 0.0:  # any steepness does: on the boundary itself everything is possible
        middle = at[np.argmin(np.abs(logit(parameters, at)))]
        low, high = interval(logit(parameters, middle[None]), ours.deviation(parameters, middle[None]), 0.9)
        assert high[0] - low[0] > 0.5


def test_a_unit_that_no_row_moves_counts_for_nothing_within_the_data_and_for_everything_beyond() -> None:
    # The second unit turns on at 1,000 years: within the data its slopes are 0, beyond its bias is open
    X, y = slope(300)
    neuron = run(X, y, network="single_neuron")[0].parameters
    hidden = np.column_stack([neuron.output * 0.1, [1.0, 0.0]])
    bias = np.array([neuron.output_bias * 0.1, -1000.0])
    parameters = Parameters(hidden, bias, np.array([40.0, 5.0]), -20.0)
    without = Parameters(hidden[:, :1], bias[:1], np.array([40.0]), -20.0)
    at = np.array([[20.0, 50.0], [0.0, 0.0], [1000.0, 50.0]])
    ours = posterior_of(parameters, X, y, 0.1).deviation(parameters, at)
    alone = posterior_of(without, X, y, 0.1).deviation(without, at)
    np.testing.assert_allclose(ours[:2], alone[:2], rtol=1e-6)
    assert ours[2] > 1000  # 5·¼ times the standard deviation of a flat bias


def test_units_that_cancel_leave_a_root_that_is_finite() -> None:
    # Two equal units of opposite weight: H is singular but for the flat prior, and at 1e6 rounding leaves eigenvalues
    # below 0. Only how they differ is open; s is the same however large the two are
    X, y = slope(1000)
    unit, deviations = np.array([0.05, 0.02]), []
    for w in (1e3, 1e6):
        parameters = Parameters(np.column_stack([unit, unit]), np.array([-2.0, -2.0]), np.array([w, -w]), 0.0)
        deviations.append(posterior_of(parameters, X, y, 0.0).deviation(parameters, X))
    np.testing.assert_allclose(deviations[1], deviations[0], rtol=1e-6)


def test_twelve_rows_and_three_inputs() -> None:
    rng = np.random.default_rng(4)
    X = rng.normal(size=(12, 3))
    y = (np.arange(12) % 3 == 0).astype(float)
    parameters = run(X, y, starts=16)[0].parameters
    ours = posterior_of(parameters, X, y, 0.1)
    expected, _ = numerical_gauss_newton(parameters, X, 0.1, X)
    np.testing.assert_allclose(ours.deviation(parameters, X), expected, rtol=1e-4)


def test_one_in_a_hundred_promoted_is_less_sure_than_half() -> None:
    X, _ = slope(1000)
    few, half = np.zeros(1000), (np.arange(1000) % 2).astype(float)
    few[::100] = 1.0
    widths = []
    for y in (few, half):
        parameters = run(X, y, network="single_neuron")[0].parameters
        widths.append(posterior_of(parameters, X, y, 0.1).deviation(parameters, X.mean(axis=0)[None])[0])
    # At the mean s² is about 1/(n·ŷ(1 − ŷ)): 1/√9.9 and 1/√250
    assert widths == pytest.approx([0.318, 0.0632], rel=0.15)


def test_nine_in_ten_intervals_hold_the_truth() -> None:
    # Worlds from the prior of the objective (benchmarks/coverage.py has the network's): N(0, 1/alpha) on standardised
    # inputs; 300 worlds of 50 people have a standard error of about one point
    rng, held = np.random.default_rng(11), []
    while len(held) < 300:
        X, w, b = rng.normal(size=(250, 2)), rng.normal(0.0, math.sqrt(10), 2), rng.normal(0.0, 2.0)
        truth = probability(X @ w + b)
        y = (rng.random(250) < truth).astype(float)[:200]
        if y.min() == y.max():
            continue
        parameters = run(X[:200], y, network="single_neuron")[0].parameters
        s = posterior_of(parameters, X[:200], y, 0.1).deviation(parameters, X[200:])
        low, high = interval(logit(parameters, X[200:]), s, 0.9)
        held.append(((low <= truth[200:]) & (truth[200:] <= high)).mean())
    assert np.mean(held) == pytest.approx(0.9, abs=0.03)

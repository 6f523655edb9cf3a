"""Calibration: bins, its error and what chance makes of it, slope and intercept."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from sklearn.linear_model import LogisticRegression

from app.insight.report.calibration import calibration, recalibration
from app.insight.report.poisson_binomial import mean_absolute_deviation
from app.network.parameters import Array


def scored(n: int, seed: int, slope: float = 1.0, intercept: float = 0.0, steps: bool = False) -> tuple[Array, Array]:
    """Logits (n,), and decisions drawn with probability σ(intercept + slope·z)."""
    rng = np.random.default_rng(seed)
    z = rng.normal(-0.5, 1.5, n)
    z = np.round(z) if steps else z
    return z, (rng.random(n) < 1 / (1 + np.exp(-intercept - slope * z))).astype(float)


@given(st.integers(1, 3000), st.integers(0, 100), st.booleans())
def test_bins_part_the_rows_and_never_equal_scores(n: int, seed: int, steps: bool) -> None:
    z, y = scored(n, seed, steps=steps)
    bins = calibration(z, y)["bins"]
    assert sum(one["n"] for one in bins) == n
    assert sum(one["observed"] * one["n"] for one in bins) == pytest.approx(y.sum())
    assert sum(one["mean_probability"] * one["n"] for one in bins) == pytest.approx((1 / (1 + np.exp(-z))).sum())
    assert all(lower["high"] < upper["low"] for lower, upper in pairwise(bins))
    for one in bins:
        assert one["low"] <= one["mean_probability"] * (1 + 1e-12)
        assert one["mean_probability"] <= one["high"] * (1 + 1e-12)
    if not steps:
        assert len(bins) == min(10, max(1, n // 10))
        assert np.ptp([one["n"] for one in bins]) <= 1


def test_a_report_by_hand() -> None:
    """20 rows of probability .25 and 20 of .8, 6 and 15 of which were promoted."""
    z = np.repeat(np.log([1 / 3, 4.0]), 20)
    y = np.tile(np.arange(20.0), 2) < np.repeat([6, 15], 20)
    found = calibration(z, y.astype(float))
    first, second = found["bins"]
    assert (first["n"], first["observed"], first["low"]) == (20, 0.3, pytest.approx(0.25))
    oracle = stats.binomtest(6, 20).proportion_ci(0.95, method="wilson")
    assert (first["observed_low"], first["observed_high"]) == pytest.approx(tuple(oracle))
    assert second["mean_probability"] == pytest.approx(0.8)
    assert found["ece"] == pytest.approx(0.5 * 0.05 + 0.5 * 0.05)
    k = np.arange(21)
    strays = [abs(k - 20 * p) @ stats.binom.pmf(k, 20, p) for p in (0.25, 0.8)]
    assert found["ece_expected"] == pytest.approx(sum(strays) / 40, rel=1e-12)
    # Two groups: the regression goes through both observed logits.
    rise = (np.log(3) - np.log(3 / 7)) / (np.log(4) - np.log(1 / 3))
    assert found["slope"]["value"] == pytest.approx(rise, rel=1e-6)
    assert found["intercept"]["value"] == pytest.approx(np.log(3) - rise * np.log(4), rel=1e-5)


@pytest.mark.parametrize("n", [30, 400, 4000])
def test_the_expected_error_is_that_of_simulated_decisions(n: int) -> None:
    z, y = scored(n, 7)
    p, rng = 1 / (1 + np.exp(-z)), np.random.default_rng(0)
    errors = [calibration(z, (rng.random(n) < p).astype(float))["ece"] for _ in range(150)]
    found = calibration(z, y)["ece_expected"]
    assert found == pytest.approx(np.mean(errors), abs=4 * np.std(errors) / 150**0.5)


@pytest.mark.parametrize("top", [0.001, 0.05, 0.5, 1.0])
@pytest.mark.parametrize("m", [1, 7, 60, 300, 5000])
def test_mean_absolute_deviation_is_that_of_the_distribution(m: int, top: float) -> None:
    p = np.random.default_rng(m).uniform(0, top, m)
    variance = (p * (1 - p)).sum()
    k = np.arange(m + 1)
    truth = abs(k - p.sum()) @ exact(p)
    assert mean_absolute_deviation(p) == pytest.approx(truth, rel=1e-9 if variance < 16 else 0.01)
    assert mean_absolute_deviation(1 - p) == pytest.approx(mean_absolute_deviation(p), rel=1e-9)


def exact(p: Array) -> Array:
    """P(S = k) for k = 0 … m, trial by trial."""
    chance = np.ones(1)
    for one in p:
        chance = np.append(chance * (1 - one), 0.0) + np.append(0.0, chance * one)
    return chance


@pytest.mark.parametrize(("slope", "intercept"), [(1.0, 0.0), (0.4, -1.0), (2.5, 0.7), (-0.5, 0.2)])
def test_recalibration_is_unpenalised_logistic_regression(slope: float, intercept: float) -> None:
    z, y = scored(700, 11, slope, intercept)
    oracle = LogisticRegression(C=np.inf, tol=1e-12, solver="newton-cholesky").fit(z[:, None], y)
    found, start = recalibration(z, y)
    assert found["value"] == pytest.approx(oracle.coef_[0, 0], rel=1e-6)
    assert start["value"] == pytest.approx(oracle.intercept_[0], rel=1e-5)
    design = np.column_stack([np.ones(700), z])
    p = oracle.predict_proba(z[:, None])[:, 1]
    errors = np.sqrt(np.diag(np.linalg.inv(design.T @ (design * (p * (1 - p))[:, None]))))
    assert found["high"] - found["low"] == pytest.approx(2 * 1.96 * errors[1], rel=1e-4)
    assert start["high"] - start["low"] == pytest.approx(2 * 1.96 * errors[0], rel=1e-4)
    assert found["low"] < slope < found["high"]
    assert start["low"] < intercept < start["high"]


@pytest.mark.parametrize(
    ("z", "y", "reason"),
    [
        ([0.5] * 6, [0, 0, 1, 0, 1, 1], "equal"),
        ([-3, -2, -1, 1, 2, 3], [0, 0, 0, 1, 1, 1], "perfectly"),
        ([-3, -2, -1, 1, 2, 3], [1, 1, 1, 0, 0, 0], "perfectly"),
        ([-3, -2, 1, 1, 2, 3], [0, 0, 0, 1, 1, 1], "perfectly"),  # but for one tie
        ([-1e9, 2e9, -3e9, 1, 2, 3], [0, 0, 0, 1, 1, 1], "ran away"),
    ],
)
def test_no_slope_is_null_with_a_reason(z: list[float], y: list[int], reason: str) -> None:
    for found in recalibration(np.array(z, dtype=float), np.array(y, dtype=float)):
        assert found["value"] is None
        assert reason in str(found["reason"])


def test_nearly_separated_scores_have_a_slope() -> None:
    found, _ = recalibration(np.array([-3.0, -2, 1, 0.9, 2, 3]), np.array([0.0, 0, 0, 1, 1, 1]))
    assert found["value"] > 0
    assert found["low"] < 0 < found["high"]

"""Intervals against scipy, and where they would leave the possible."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import optimize, stats

from app.insight.report.estimates import Z, estimate, mean, proportion, score_interval, t, wilson


def test_quantiles_are_the_distributions() -> None:
    assert pytest.approx(stats.norm.ppf(0.975), abs=1e-15) == Z
    for degrees in (12, 20, 199, 49_999):
        assert t(degrees) == pytest.approx(stats.t.ppf(0.975, degrees), rel=1e-4)
    assert t(3) == pytest.approx(stats.t.ppf(0.975, 3), rel=0.01)


def test_mean_is_students_interval() -> None:
    values = np.random.default_rng(0).exponential(size=40)
    found = mean(values)
    oracle = stats.ttest_1samp(values, 0.0).confidence_interval(0.95)
    assert [found["value"], found["low"], found["high"]] == pytest.approx([values.mean(), *oracle], rel=1e-5)
    few = mean(np.array([0.0, 0.0, 0.0, 4.0]), least=0.0)
    assert (few["value"], few["low"]) == (1.0, 0.0)


@given(st.integers(1, 5000), st.floats(0, 1))
def test_wilson_is_scipys(trials: int, share: float) -> None:
    successes = round(share * trials)
    oracle = stats.binomtest(successes, trials).proportion_ci(0.95, method="wilson")
    assert wilson(successes, trials) == pytest.approx((oracle.low, oracle.high), abs=1e-12)
    low, high = wilson(successes, trials)
    assert 0 <= low <= successes / trials <= high <= 1
    assert (low == 0) == (successes == 0)
    assert (high == 1) == (successes == trials)
    assert high > low


@given(st.integers(1, 1000), st.floats(0, 1))
def test_a_score_interval_with_the_binomials_variance_is_wilsons(trials: int, share: float) -> None:
    value = round(share * trials) / trials
    found = score_interval(value, lambda p: p * (1 - p) / trials)
    assert found == pytest.approx(wilson(value * trials, trials), abs=1e-12)


def test_a_score_interval_ends_where_the_deviation_is_z() -> None:
    def variance(p: float) -> float:
        return p * (1 - p) * (2 - p) / 30

    low, high = score_interval(0.8, variance)
    borders = [
        optimize.brentq(lambda p: (0.8 - p) ** 2 - Z**2 * variance(p), *side) for side in ((1e-9, 0.8), (0.8, 1 - 1e-9))
    ]
    assert (low, high) == pytest.approx(borders, abs=1e-9)


def test_no_number_is_null_with_a_reason() -> None:
    for bad in (math.nan, math.inf, -math.inf):
        for of in ((bad, 0.0, 1.0), (0.0, bad, 1.0), (0.0, 0.0, bad)):
            found = estimate(*of)
            assert [found[key] for key in ("value", "low", "high")] == [None] * 3
            assert found["reason"]
    assert mean(np.array([1e300, -1e300]))["value"] is None
    assert proportion(0, 0, "nobody there") == {"value": None, "low": None, "high": None, "reason": "nobody there"}
    assert proportion(3, 4, "")["value"] == 0.75

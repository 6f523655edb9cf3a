"""Whom a threshold selects, and the thresholds that are offered."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.insight.report.selection import selection


@given(st.integers(3, 60), st.integers(0, 1000), st.booleans(), st.integers(1, 3))
def test_offered_thresholds_against_a_search_of_all(n: int, seed: int, ties: bool, repeats: int) -> None:
    rng = np.random.default_rng(seed)
    y = np.append([1.0, 0.0], rng.random(n - 2) < 0.3)
    z = rng.normal(y, 1.0, (repeats, n))
    z = np.round(z) if ties else z
    p = 1 / (1 + np.exp(-z))
    if len(np.unique(p)) == 1:
        return
    found = selection(z, y, 0.5)
    every, truth = p.ravel(), np.tile(y, repeats)

    def f1(t: float) -> float:
        return 2 * truth[every >= t].sum() / (truth.sum() + (every >= t).sum())

    assert f1(found["threshold_for_best_f1"]) == pytest.approx(max(map(f1, every)))
    nearest = min(abs((every >= t).sum() - truth.sum()) for t in every)
    offered = found["threshold_for_historical_share"]
    assert abs((every >= offered).sum() - truth.sum()) == nearest
    assert 0 < offered < 1
    assert np.abs(every - offered).min() > 1e-9  # between two scores, not at one
    assert found["historical_share"] == y.mean()


@pytest.mark.parametrize(("threshold", "selected", "whom"), [(0.9, 0, "nobody"), (0.01, 8, "everybody")])
def test_a_threshold_that_tells_nobody_apart_says_so(threshold: float, selected: int, whom: str) -> None:
    z, y = np.linspace(-3, 0, 8)[None, :], np.array([0.0, 0, 0, 0, 0, 1, 0, 1])
    found = selection(z, y, threshold)
    assert (found["selected"], type(found["selected"])) == (selected, int)
    statement = found["statement"]
    assert f"{threshold:g} selects {whom}" in statement
    assert "25 %" in statement
    assert f"{found['threshold_for_historical_share']:.4g} would select" in statement
    assert "Neither is applied" in statement
    assert selection(z, y, 0.3)["statement"] is None


def test_over_repeats_the_number_selected_is_a_mean() -> None:
    y = np.array([0.0, 1.0, 1.0])
    assert selection(np.array([[-1.0, 1, 1], [-1, -1, 1]]), y, 0.5)["selected"] == 1.5
    once = selection(np.array([[-1.0, -1, 1], [-1, -1, -2]]), y, 0.5)
    assert once["selected"] == 0.5
    assert once["statement"] is None  # in one deal somebody was


def test_equal_scores_offer_nothing() -> None:
    found = selection(np.full((1, 5), -1.0), np.array([0.0, 0, 1, 0, 0]), 0.5)
    assert found["threshold_for_best_f1"] is None
    assert found["threshold_for_historical_share"] is None
    assert found["reason"] == "all scores out of fold are equal"
    assert (
        found["statement"] == "In cross-validation the threshold 0.5 selects nobody: it tells no two employees apart."
    )


def test_scores_at_the_end_of_the_doubles() -> None:
    found = selection(np.array([[-800.0, -900.0, 40.0, 41.0]]), np.array([0.0, 0, 1, 1]), 0.5)
    assert found["selected"] == 2
    assert 0 <= found["threshold_for_best_f1"] <= 1

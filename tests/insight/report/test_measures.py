"""Losses and decisions against scikit-learn, and the intervals of ratios against the bootstrap."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from sklearn import metrics as oracle

from app.insight.report.cross_validation import Folds
from app.insight.report.measures import brier_scores, brier_skill, confusion, decisions, log_losses, measures
from app.network.parameters import Array
from tests.insight.worlds import one_model


def scored(n: int, seed: int) -> tuple[Array, Array]:
    """Logits (1, n) and decisions drawn by them."""
    rng = np.random.default_rng(seed)
    z = rng.normal(-0.5, 1.5, n)
    return z[None, :], (rng.random(n) < 1 / (1 + np.exp(-z))).astype(float)


@given(st.integers(10, 300), st.integers(0, 1000), st.floats(0.05, 0.95))
def test_they_are_scikit_learns(n: int, seed: int, threshold: float) -> None:
    z, y = scored(n, seed)
    y[:2] = 0, 1
    p = 1 / (1 + np.exp(-z[0]))
    promote = p >= threshold
    found = {name: of["value"] for name, of in measures(z, y, one_model(n), threshold).items()}
    assert found["log_loss"] == pytest.approx(oracle.log_loss(y, p), rel=1e-12)
    assert found["brier"] == pytest.approx(oracle.brier_score_loss(y, p), rel=1e-12)
    assert found["accuracy"] == pytest.approx(oracle.accuracy_score(y, promote))
    assert found["recall"] == pytest.approx(oracle.recall_score(y, promote))
    assert found["f1"] == pytest.approx(oracle.f1_score(y, promote, zero_division=0.0))
    assert found["precision"] == (pytest.approx(oracle.precision_score(y, promote)) if promote.any() else None)
    (refused, wrong), (missed, right) = oracle.confusion_matrix(y, promote)
    assert confusion(z, y, threshold) == {
        "true_positive": right,
        "false_positive": wrong,
        "true_negative": refused,
        "false_negative": missed,
    }


def test_the_threshold_itself_promotes() -> None:
    assert confusion(np.zeros((1, 2)), np.array([0.0, 1.0]), 0.5)["true_positive"] == 1
    assert confusion(np.zeros((1, 2)), np.array([0.0, 1.0]), 0.5 + 1e-12)["true_positive"] == 0


def test_repeats_are_averaged_within_the_row() -> None:
    z, y = np.array([[2.0, -1.0, 0.0], [0.0, 1.0, -4.0]]), np.array([1.0, 0.0, 0.0])
    p = 1 / (1 + np.exp(-z))
    single = -np.log(np.where(y == 1, p, 1 - p))
    np.testing.assert_allclose(log_losses(z, y), single.mean(0), rtol=1e-14)
    np.testing.assert_allclose(brier_scores(z, y), ((p - y) ** 2).mean(0), rtol=1e-14)
    twice = Folds(np.zeros((2, 3), dtype=np.int64), 1)
    # The same scores twice are no more evidence.
    assert measures(np.repeat(z[:1], 2, axis=0), y, twice, 0.5) == measures(z[:1], y, one_model(3), 0.5)
    counts = confusion(z, y, 0.5)
    assert counts == {"true_positive": 1, "false_positive": 1, "true_negative": 1, "false_negative": 0}
    assert type(counts["true_positive"]) is int
    assert confusion(z, y, 0.6)["true_positive"] == 0.5


def test_losses_of_extreme_scores_are_numbers() -> None:
    z, y = np.array([[800.0, -800.0, 800.0, -800.0]]), np.array([1.0, 0.0, 0.0, 1.0])
    assert log_losses(z, y).tolist() == [0, 0, 800, 800]
    np.testing.assert_allclose(brier_scores(z, y), [0, 0, 1, 1], atol=1e-300)


def test_skill_by_hand() -> None:
    reference = np.array([0.25, 0.25, 0.25, 0.25])
    found = brier_skill(np.array([0.1, 0.2, 0.1, 0.0]), reference)
    assert found["value"] == pytest.approx(0.6)  # 1 − .4/1
    # Contributions to B/B₀ are .4, .8, .4, 0 (their spread .3266); Student's quantile of 3 degrees is 3.182.
    assert found["low"] == pytest.approx(0.6 - 3.182 * 0.3266 / 2, abs=0.005)
    assert found["high"] == 1.0
    assert brier_skill(reference, reference)["value"] == 0.0
    assert brier_skill(reference, np.zeros(4))["reason"]


def test_the_interval_of_skill_is_the_bootstraps() -> None:
    rng = np.random.default_rng(3)
    z = rng.normal(-3, 1.5, (1, 800))  # one in ten is promoted: the reference varies as much as the scores do
    y = (rng.random(800) < 1 / (1 + np.exp(-z[0]))).astype(float)
    ours, base = brier_scores(z, y), (y.mean() - y) ** 2
    draws = np.random.default_rng(0).integers(800, size=(4000, 800))
    low, high = np.quantile(1 - ours[draws].mean(1) / base[draws].mean(1), [0.025, 0.975])
    found = brier_skill(ours, base)
    assert [found["low"], found["high"]] == pytest.approx([low, high], abs=0.006)


@pytest.mark.parametrize(("right", "wrong", "missed"), [(0.05, 0.02, 0.05), (0.3, 0.2, 0.1)])
def test_the_interval_of_f1_holds_the_truth(right: float, wrong: float, missed: float) -> None:
    truth, rng = 2 * right / (2 * right + wrong + missed), np.random.default_rng(0)
    hits = 0
    for cells in rng.multinomial(120, [right, wrong, missed, 1 - right - wrong - missed], size=2000):
        tp, fp, fn, tn = map(int, cells)
        found = decisions({"true_positive": tp, "false_positive": fp, "true_negative": tn, "false_negative": fn})["f1"]
        hits += found["low"] <= truth <= found["high"]
    assert 0.93 <= hits / 2000 <= 0.98


def test_intervals_of_shares_are_wilsons() -> None:
    found = decisions({"true_positive": 30, "false_positive": 10, "true_negative": 50, "false_negative": 20})
    for name, successes, trials in (("accuracy", 80, 110), ("precision", 30, 40), ("recall", 30, 50)):
        low, high = stats.binomtest(successes, trials).proportion_ci(0.95, method="wilson")
        assert found[name] == pytest.approx({"value": successes / trials, "low": low, "high": high})


def test_nobody_selected_and_nobody_promoted() -> None:
    none = decisions({"true_positive": 0, "false_positive": 0, "true_negative": 9, "false_negative": 1})
    assert none["precision"]["value"] is None
    assert none["precision"]["reason"] == "nobody is selected"
    assert none["recall"]["value"] == none["f1"]["value"] == 0.0
    assert none["f1"]["high"] > 0.5  # of one row
    empty = decisions({"true_positive": 0, "false_positive": 0, "true_negative": 9, "false_negative": 0})
    assert empty["recall"]["value"] is None
    assert empty["f1"]["value"] is None
    assert empty["accuracy"]["value"] == 1.0

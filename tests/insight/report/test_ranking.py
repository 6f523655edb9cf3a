"""Ranking against scikit-learn; its intervals against DeLong's and by coverage; no bias where there is no signal."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import average_precision_score, roc_auc_score

from app.insight.report.cross_validation import Folds, Procedure, deal, held_out
from app.insight.report.ranking import average_precision, roc_auc
from app.network.options import FitOptions
from app.network.parameters import Array
from tests.insight.worlds import drained, one_model


def scored(n: int, seed: int, apart: float = 1.0, ties: bool = False) -> tuple[Array, Array]:
    """Normal scores, those of the promoted (three in ten) so many deviations higher: (1, n), (n,)."""
    rng = np.random.default_rng(seed)
    y = (np.arange(n) < 0.3 * n).astype(float)
    z = rng.normal(apart * y, 1.0)
    return (np.round(z) if ties else z)[None, :], y


@given(st.integers(5, 200), st.integers(0, 1000), st.booleans())
def test_they_are_scikit_learns(n: int, seed: int, ties: bool) -> None:
    z, y = scored(n, seed, ties=ties)
    assert roc_auc(z, y, one_model(n))["value"] == pytest.approx(roc_auc_score(y, z[0]), abs=1e-12)
    found = average_precision(z, y, one_model(n))["value"]
    assert found == pytest.approx(average_precision_score(y, z[0]), abs=1e-12)


def test_only_pairs_of_one_model_count() -> None:
    """Two folds whose scores are out of line: right within each, wrong across them."""
    z, y = np.array([[5.0, 4.0, 3.0, 1.0, 0.5]]), np.array([1.0, 0.0, 0.0, 1.0, 0.0])
    apart = Folds(np.array([[0, 0, 0, 1, 1]]), 2)
    assert roc_auc(z, y, apart)["value"] == 1.0
    assert roc_auc(z, y, one_model(5))["value"] == pytest.approx(4 / 6)
    # Two repeats: 2 + 1 pairs won of 3, and 0 + 1 of 2 + 1.
    twice = np.vstack([z, [[1.0, 4.0, 3.0, 1.0, 0.5]]])
    both = Folds(np.vstack([apart.number, apart.number]), 2)
    assert roc_auc(twice, y, both)["value"] == pytest.approx(4 / 6)


@pytest.mark.long
def test_without_signal_the_area_is_a_half_and_not_less() -> None:
    """Over all folds together it would be less: the fold with more promoted has the lower base rate."""
    within, together = [], []
    for seed in range(60):
        rng = np.random.default_rng(seed)
        X, y = rng.normal(size=(32, 2)), (np.arange(32) < 7).astype(float)
        folds = deal(y, seed)
        z, _ = drained(held_out(Procedure("n", range(2), FitOptions(network="single_neuron", alpha=30.0)), X, y, folds))
        within.append(roc_auc(z, y, folds)["value"])
        together.append(np.mean([roc_auc_score(y, row) for row in z]))
    error = np.std(within, ddof=1) / 60**0.5
    assert abs(np.mean(within) - 0.5) < 2.5 * error
    assert np.mean(together) < 0.5 - 2.5 * error


def delong(z: Array, y: Array) -> float:
    """The standard error of the area by DeLong, DeLong and Clarke-Pearson (1988), from the placements."""
    wins = (z[y == 1][:, None] > z[y == 0]) + 0.5 * (z[y == 1][:, None] == z[y == 0])
    m, n = wins.shape
    return float((wins.mean(1).var(ddof=1) / m + wins.mean(0).var(ddof=1) / n) ** 0.5)


@pytest.mark.parametrize("apart", [0.0, 0.5, 1.2])
def test_the_interval_of_many_rows_is_delongs(apart: float) -> None:
    z, y = scored(3000, 1, apart)
    found = roc_auc(z, y, one_model(3000))
    assert found["high"] - found["low"] == pytest.approx(2 * 1.96 * delong(z[0], y), rel=0.1)
    assert found["low"] < found["value"] < found["high"]


def covered(n: int, apart: float, draws: int = 500) -> tuple[float, float]:
    """How often the intervals hold the true area and the true average precision (of a million)."""
    z, y = scored(1_000_000, 99, apart)
    area, precision = roc_auc_score(y, z[0]), average_precision_score(y, z[0])
    hits = np.zeros(2)
    for seed in range(draws):
        z, y = scored(n, seed, apart)
        for i, (of, truth) in enumerate(((roc_auc, area), (average_precision, precision))):
            found = of(z, y, one_model(n))
            hits[i] += found["low"] <= truth <= found["high"]
    return tuple(hits / draws)


@pytest.mark.parametrize(("n", "apart"), [(20, 2.0), (40, 1.0), (100, 0.3), (400, 1.5)])
def test_the_intervals_hold_the_truth_nineteen_times_of_twenty(n: int, apart: float) -> None:
    area, precision = covered(n, apart)
    assert area >= 0.92
    assert precision >= 0.92


def test_a_perfect_ranking_of_few_rows_is_no_certainty() -> None:
    z, y = np.array([[3.0, 2.0, 1.0, -1.0, -2.0, -3.0]]), np.array([1.0, 1, 1, 0, 0, 0])
    for found in (roc_auc(z, y, one_model(6)), average_precision(z, y, one_model(6))):
        assert (found["value"], found["high"]) == (1.0, 1.0)
        assert 0.3 < found["low"] < 0.75
    assert roc_auc(-z, y, one_model(6))["low"] == 0.0


def test_equal_scores_are_a_half_and_the_base_rate() -> None:
    y = (np.arange(20) < 5).astype(float)
    assert roc_auc(np.zeros((1, 20)), y, one_model(20))["value"] == 0.5
    assert average_precision(np.zeros((1, 20)), y, one_model(20))["value"] == 0.25


def test_leave_one_out_ranks_nobody() -> None:
    z, y = scored(12, 0)
    for of in (roc_auc, average_precision):
        found = of(z, y, deal(y, 0))
        assert found["value"] is None
        assert "leave-one-out" in str(found["reason"])
    lone = roc_auc(z, y, Folds(np.where(y == 1, 0, 1).astype(np.int64)[None, :], 2))
    assert lone["value"] is None
    assert lone["reason"]

"""Who is unlike those trained on: ranges, Mahalanobis against scipy, counts against every distance."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial import distance as scipy_distance

from app.insight.evidence.background import Background
from app.insight.evidence.familiarity import Familiarity, distance, familiarity
from app.network.parameters import Array
from app.network.standardise import measure
from tests.network.training_sets import slope


def known(X: Array) -> Familiarity:
    """All rows as their own background, at most 256."""
    points = X[:256]
    return of_rows(X, points, np.full(len(points), 1 / len(points)))


def of_rows(X: Array, points: Array, weights: Array) -> Familiarity:
    """Of rows that each stand for themselves, with that background."""
    counts = np.ones(len(X))
    return familiarity(X, counts, measure(np.ascontiguousarray(X.T), counts), Background(points, weights))


def test_a_row_with_a_count_is_that_many_rows() -> None:
    X, counts = np.floor(slope(300)[0] / 5), np.random.default_rng(0).integers(1, 30, 300)
    weights = counts / counts.sum()
    one = of_rows(np.repeat(X, counts, axis=0), X, weights)
    scale = measure(np.ascontiguousarray(X.T), counts.astype(float))
    other = familiarity(X, counts.astype(float), scale, Background(X, weights))
    np.testing.assert_allclose(other.whitening, one.whitening, rtol=1e-9)
    assert other.farthest == pytest.approx(one.farthest, rel=1e-12)
    assert (other.rows, other.ranges.tolist()) == (one.rows, one.ranges.tolist())


def test_which_input_is_beyond_what_was_seen() -> None:
    X = np.array([[1.0, 50.0], [5.0, 60.0], [9.0, 90.0], [4.0, 70.0]])
    ours = known(X)
    assert ours.ranges.tolist() == [[1.0, 9.0], [50.0, 90.0]]
    rows = np.array([[0.5, 70.0], [9.0, 90.0], [9.5, 40.0], [5.0, 90.5], [1.0, 50.0]])
    expected = [[True, False, False], [False] * 3, [True, True, False], [False, True, False], [False] * 3]
    assert ours.outside(rows).tolist() == expected
    assert [ours.outside_of_one(x) for x in rows.tolist()] == expected


def test_an_unusual_combination_of_usual_values() -> None:
    # Years and score rise together; each of 38 and 20 was seen, but nobody had both
    rng = np.random.default_rng(0)
    years = rng.uniform(0, 40, 500)
    X = np.column_stack([years, 20 + 2 * years + rng.normal(0, 3, 500)])
    ours = known(X)
    assert ours.outside(np.array([[38.0, 20.0], [38.0, 96.0], [20.0, 60.0]])).tolist() == [
        [False, False, True], [False] * 3, [False] * 3,
    ]  # fmt: skip
    assert not ours.outside(X).any()


@pytest.mark.parametrize("d", [1, 2, 3])
def test_the_distance_is_scipys(d: int) -> None:
    rng = np.random.default_rng(d)
    X = rng.normal(size=(200, d)) @ rng.normal(size=(d, d)) * 7 + 50
    ours = known(X)
    inverse = np.linalg.inv(np.atleast_2d(np.cov(X.T, bias=True)))
    expected = [scipy_distance.mahalanobis(x, X.mean(axis=0), inverse) for x in X]
    np.testing.assert_allclose(distance(X.T.copy(), ours.scale, ours.whitening), expected, rtol=1e-6)
    assert ours.farthest == pytest.approx(max(expected), rel=1e-6)


def test_a_row_trained_on_is_never_outside() -> None:
    X, _ = slope(3000)
    ours = known(X)
    assert not ours.outside(X).any()
    farthest = X[np.argmax(distance(X.T.copy(), ours.scale, ours.whitening))]
    assert not any(ours.outside_of_one(farthest.tolist()))


def test_a_constant_input_breaks_nothing() -> None:
    X, _ = slope(100)
    X[:, 1] = 70.0
    ours = known(X)
    assert ours.ranges[1].tolist() == [70.0, 70.0]
    assert ours.outside(np.array([[20.0, 70.0], [20.0, 70.5]])).tolist() == [[False] * 3, [False, True, False]]
    assert ours.few_similar(np.array([[20.0, 70.0], [20.0, 72.0]])).tolist() == [False, True]


def test_inputs_that_are_one_and_the_same() -> None:
    years = np.linspace(0, 40, 101)
    X = np.column_stack([years, 2.5 * years])
    ours = known(X)
    assert np.all(np.isfinite(ours.whitening))
    rows = np.array([[20.0, 50.0], [20.0, 51.0], [39.0, 97.5]])
    assert ours.outside(rows)[:, 2].tolist() == [False, True, False]


def test_all_rows_alike() -> None:
    ours = known(np.tile([3.0, 70.0], (12, 1)))
    rows = np.array([[3.0, 70.0], [3.1, 70.0]])
    assert ours.outside(rows).tolist() == [[False] * 3, [True, False, False]]
    assert ours.few_similar(rows).tolist() == [False, False]


def test_ten_similar_rows_are_enough_and_nine_are_not() -> None:
    # 20 rows at 0 and 10 at 100, or 9: half a standard deviation reaches nobody else
    for many, few in ((10, False), (9, True)):
        X = np.concatenate([np.zeros(20), np.full(many, 100.0)])[:, None]
        n = len(X)
        ours = of_rows(X, np.array([[0.0], [100.0]]), np.array([20 / n, many / n]))
        assert ours.few_similar(np.array([[0.0], [100.0], [50.0]])).tolist() == [False, few, True]
        assert ours.few_similar_of_one([100.0]) is few


def test_ten_of_49_rows_are_ten() -> None:
    # 49·(1/49) is 0.9999999999999999
    ours = known(np.concatenate([np.zeros(39), np.full(10, 100.0)])[:, None])
    assert ours.few_similar(np.array([[100.0]])).tolist() == [False]
    assert not ours.few_similar_of_one([100.0])


def test_half_a_standard_deviation_is_within_reach() -> None:
    X = np.repeat([[0.0], [8.0]], 10, axis=0)  # deviation 4
    ours = known(X)
    rows = np.array([[2.0], [np.nextafter(2.0, 3.0)], [6.0], [np.nextafter(6.0, 5.0)], [-2.0], [-2.1]])
    assert ours.few_similar(rows).tolist() == [False, True, False, True, False, True]
    assert [ours.few_similar_of_one(x) for x in rows.tolist()] == [False, True, False, True, False, True]


@given(d=st.integers(1, 4), m=st.integers(1, 60), whole=st.booleans(), seed=st.integers(0, 10**6))
def test_similar_rows_are_those_that_every_distance_finds(d: int, m: int, whole: bool, seed: int) -> None:
    rng = np.random.default_rng(seed)
    points = rng.normal(scale=4, size=(m, d))
    X = rng.normal(scale=4, size=(50, d))
    if whole:  # ties, and values on the very edge of a reach
        points, X = np.round(points), np.round(X)
    weights = rng.integers(1, 9, m).astype(float)
    rows = int(weights.sum())
    ours = of_rows(np.repeat(points, weights.astype(int), axis=0), points, weights / rows)
    reach = 0.5 * ours.scale.deviation
    near = ((points - reach <= X[:, None]) & (X[:, None] <= points + reach)).all(axis=2)
    similar = near @ weights
    assert ours.few_similar(X).tolist() == (similar < 10).tolist()
    assert [ours.few_similar_of_one(x) for x in X.tolist()] == (similar < 10).tolist()
    assert [ours.outside_of_one(x) for x in X.tolist()] == ours.outside(X).tolist()


def test_many_rows_are_those_of_each_alone() -> None:
    X, _ = slope(2000)
    ours = known(X)
    rows = np.random.default_rng(3).uniform([-5, -5], [50, 110], (20_000, 2))
    few, outside = ours.few_similar(rows), ours.outside(rows)
    some = range(0, 20_000, 37)
    assert [ours.few_similar_of_one(rows[r].tolist()) for r in some] == few[::37].tolist()
    assert [ours.outside_of_one(rows[r].tolist()) for r in some] == outside[::37].tolist()
    assert 0.05 < few.mean() < 0.5


def test_a_million_rows_are_measured_in_blocks_as_in_one() -> None:
    X = np.random.default_rng(1).normal([10, 70], [5, 12], (200_000, 2))
    ours = known(X)
    np.testing.assert_allclose(ours.scale.mean, X.mean(axis=0), rtol=1e-12)
    precision = ours.whitening.T @ ours.whitening
    np.testing.assert_allclose(np.linalg.inv(precision), np.corrcoef(X.T), atol=1e-8)

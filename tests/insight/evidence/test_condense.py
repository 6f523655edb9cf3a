"""Few points for many rows: the same people in any order, nobody lost, and means that stay what they were."""

from __future__ import annotations

import warnings
from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.insight.evidence.condense import condense
from app.network.parameters import Array

CLOSE = [0.0, 0.1, 0.3, 0.30000000000000004, 1.0, 7.0, 2.5e15, -3.0, 1e-300, 1e90]


def worlds() -> dict[str, Array]:
    """Inputs on which something could go wrong, more than 256 distinct rows each."""
    rng = np.random.default_rng(0)
    uniform = rng.uniform(0, 100, (30_000, 2))
    return {
        "continuous": uniform,
        "whole": np.floor(uniform),
        "tenths": np.floor(uniform * 10) / 10,
        "tied with continuous": np.column_stack([np.floor(uniform[:, 0] / 10), uniform[:, 1]]),
        "one constant": np.column_stack([np.full(3000, 5.0), uniform[:3000, 1]]),
        "one value for most": np.where(rng.random((9000, 2)) < 0.8, 3.0, uniform[:9000]),
        "correlated": np.column_stack([uniform[:, 0], uniform[:, 0] + uniform[:, 1] / 100]),
        "one far away": np.concatenate([uniform[:2000], [[1e95, -1e95]]]),
        "two values side by side": np.column_stack([np.where(uniform[:900, 0] < 50, 1.0, 1 + 1e-15), uniform[:900, 1]]),
        "hardly more than fits": uniform[:257],
        "one input": uniform[:5000, :1],
        "three inputs": rng.normal(size=(20_000, 3)),
        "nine inputs": rng.normal(size=(3000, 9)),
        "nine whole inputs": np.floor(rng.uniform(0, 200, (3000, 9))),  # 200⁹ cells have no 64-bit number
    }


WORLDS = worlds()


def few(inputs: Array, most: int) -> tuple[Array, Array]:
    """The points of rows that each stand for themselves."""
    return condense(inputs, np.ones(len(inputs)), most)


@pytest.mark.parametrize("name", ["whole", "tenths", "tied with continuous", "one value for most", "nine whole inputs"])
def test_a_row_with_a_count_is_that_many_rows_to_the_bit(name: str) -> None:
    distinct = WORLDS[name][:3000]
    counts = np.random.default_rng(1).integers(1, 40, len(distinct))
    counted = condense(distinct, counts.astype(float), 256)
    for one, other in zip(counted, few(np.repeat(distinct, counts, axis=0), 256), strict=True):
        assert one.tobytes() == other.tobytes()


@given(st.integers(1, 3), st.lists(st.tuples(*[st.sampled_from(CLOSE)] * 3), min_size=1, max_size=250))
def test_few_distinct_rows_stay_what_they_are(d: int, rows: list[tuple[float, ...]]) -> None:
    inputs = np.array([row[:d] for row in rows])
    points, weights = few(inputs, 256)
    found = Counter(dict(zip(map(tuple, points.tolist()), np.rint(weights * len(rows)).astype(int), strict=True)))
    assert len(found) == len(points)
    assert found == Counter(map(tuple, inputs.tolist()))
    np.testing.assert_array_equal(weights, np.rint(weights * len(rows)) / len(rows))


@pytest.mark.parametrize("far", [2.0**15, 2.0**16, 2.0**17, 1e300])
def test_two_values_that_lie_close_are_two_however_far_the_third(far: float) -> None:
    points, weights = few(np.array([[1.0], [far], [0.0], [1.0]]), 256)
    assert points.tolist() == [[0.0], [1.0], [far]]
    assert weights.tolist() == [0.25, 0.5, 0.25]


@pytest.mark.parametrize("counts", [(1, 1, 9998), (9998, 1, 1), (1, 9998, 1)])
def test_values_that_rounding_cannot_halve_stay_together(counts: tuple[int, ...]) -> None:
    # Three neighbouring doubles: their mean may round to the greatest or the least of them.
    thin = np.repeat([1.0, 1.0 + 2**-52, 1.0 + 2**-51], counts)
    points, weights = few(np.concatenate([thin, np.full(10_000, -1.0)])[:, None], 3)
    assert 2 <= len(points) <= 3
    assert weights[points[:, 0] > 0].sum() == pytest.approx(0.5, abs=1e-15)


@given(st.integers(1, 3), st.integers(1, 9), st.lists(st.tuples(*[st.sampled_from(CLOSE)] * 3), min_size=1))
def test_many_become_as_many_as_asked_for(d: int, most: int, rows: list[tuple[float, ...]]) -> None:
    inputs = np.array([row[:d] for row in rows])
    points, weights = few(inputs, most)
    assert 1 <= len(points) <= most
    assert weights.min() > 0
    assert weights.sum() == pytest.approx(1.0, abs=1e-14)
    rounding = 1e-14 * np.abs(inputs).max(axis=0)
    assert np.all((points >= inputs.min(axis=0) - rounding) & (points <= inputs.max(axis=0) + rounding))


@pytest.mark.parametrize("name", WORLDS)
def test_nobody_is_lost_and_means_stay(name: str) -> None:
    inputs = WORLDS[name]
    points, weights = few(inputs, 256)
    assert weights.min() > 0
    assert weights.sum() == pytest.approx(1.0, abs=1e-14)
    np.testing.assert_allclose(weights * len(inputs), np.rint(weights * len(inputs)), atol=1e-9)
    within = 1e-9 * np.ptp(inputs, axis=0)
    assert np.all(np.abs(weights @ points - inputs.mean(axis=0)) <= within + 1e-13)


@pytest.mark.parametrize("name", [name for name in WORLDS if name not in {"one far away", "one value for most"}])
def test_every_point_that_there_may_be_is_used(name: str) -> None:
    assert len(few(WORLDS[name], 256)[1]) == 256


@pytest.mark.parametrize("name", WORLDS)
def test_the_order_of_the_rows_changes_not_a_bit(name: str) -> None:
    inputs = WORLDS[name]
    points, weights = few(inputs, 256)
    for order in (np.random.default_rng(1).permutation(len(inputs)), np.lexsort(inputs.T)):
        other = few(inputs[order], 256)
        assert other[0].tobytes() == points.tobytes()
        assert other[1].tobytes() == weights.tobytes()
    columns = few(np.asfortranarray(inputs), 256)
    assert columns[0].tobytes() == points.tobytes()


def test_what_is_near_goes_together() -> None:
    rng = np.random.default_rng(0)
    heaps = [rng.normal(at, 0.01, (size, 2)) for at, size in (((10, 20), 100), ((30, 80), 150), ((32, 20), 50))]
    points, weights = few(rng.permutation(np.concatenate(heaps)), 3)
    np.testing.assert_allclose(sorted(weights), [50 / 300, 100 / 300, 150 / 300])
    np.testing.assert_allclose(points[np.argsort(weights)], [heaps[i].mean(axis=0) for i in (2, 0, 1)], rtol=1e-9)


@pytest.mark.parametrize("i", [0, 1])
def test_each_input_alone_is_distributed_as_it_was(i: int) -> None:
    # Groups cut at right angles share 16 values of each input, and miss by .013.
    inputs = WORLDS["continuous"]
    points, weights = few(inputs, 256)
    at, order = np.linspace(0, 100, 2001), np.argsort(points[:, i])
    share = np.append(0.0, np.cumsum(weights[order]))[np.searchsorted(points[order, i], at)]
    assert np.abs(share - np.searchsorted(np.sort(inputs[:, i]), at) / len(inputs)).mean() < 0.007


@pytest.mark.parametrize("inputs", [np.full((1, 2), 7.0), np.full((12, 3), 0.1), np.zeros((5, 1))])
def test_one_and_the_same_row_is_one_point(inputs: Array) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        points, weights = few(inputs, 256)
    assert points.tolist() == inputs[:1].tolist()
    assert weights.tolist() == [1.0]

"""Grouping is exact: the same rows, each once, with how often it stood and how often it was promoted."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.network.grouping import group
from app.network.parameters import Array
from app.network.rows import BLOCK
from app.network.standardise import measure

TIED = [0.0, 0.1, 0.30000000000000004, 0.3, 1.0, 7.0, 2.5e15, -3.0, 1e-300]


def tally(X: Array, counts: Array, promoted: Array) -> Counter[tuple[float, ...]]:
    """Rows and promoted rows by value."""
    found: Counter[tuple[float, ...]] = Counter()
    for r in range(len(counts)):
        found[(*X[:, r], 0.0)] += int(counts[r] - promoted[r])
        found[(*X[:, r], 1.0)] += int(promoted[r])
    return +found


@given(st.integers(1, 3), st.lists(st.tuples(*[st.sampled_from(TIED)] * 3, st.booleans()), min_size=1, max_size=300))
def test_grouped_rows_are_the_rows(d: int, rows: list[tuple[float, float, float, bool]]) -> None:
    X, y = np.array([row[:d] for row in rows]).T.copy(), np.array([row[3] for row in rows], dtype=float)
    assert tally(*group(X, y)) == tally(X, np.ones(len(y)), y)


@pytest.mark.parametrize("step", [1.0, 0.1, 0.5])
def test_tied_rows_become_distinct_rows_in_one_order(step: float) -> None:
    rng = np.random.default_rng(0)
    X = np.stack([rng.integers(0, 41, 20_000) * step, rng.integers(3, 14, 20_000) * 1.0])
    y = rng.integers(0, 2, 20_000).astype(float)
    grouped, counts, promoted = group(X, y)
    assert len(counts) == 41 * 11
    assert len(np.unique(grouped, axis=1).T) == len(counts)
    assert tally(grouped, counts, promoted) == tally(X, np.ones(20_000), y)
    shuffled = rng.permutation(20_000)
    for one, other in zip((grouped, counts, promoted), group(X[:, shuffled], y[shuffled]), strict=True):
        assert one.tobytes() == other.tobytes()


@pytest.mark.parametrize("step", [1.0, 0.1])
def test_blocks_add_up(step: float) -> None:
    rng = np.random.default_rng(0)
    n = 2 * BLOCK + 5
    X, y = np.stack([rng.integers(0, 300, n) * step, rng.integers(-150, 150, n) * 1.0]), rng.integers(0, 2, n) * 1.0
    X[0, -1] = 300 * step  # a value that only the last block has
    grouped, counts, promoted = group(X, y)
    cells, index = np.unique(X, axis=1, return_inverse=True)
    np.testing.assert_array_equal(grouped, cells)
    np.testing.assert_array_equal(counts, np.bincount(index))
    np.testing.assert_array_equal(promoted, np.bincount(index, weights=y))


def test_a_fraction_in_the_last_block_makes_no_whole_number() -> None:
    X = np.arange(2 * BLOCK + 5)[None] % 7 * 1.0
    X[0, -1] = 3.5
    grouped, counts, _ = group(X, np.zeros(X.shape[1]))
    assert grouped[0].tolist() == [0, 1, 2, 3, 3.5, 4, 5, 6]
    assert counts[4] == 1


def test_continuous_rows_stay_as_they_are() -> None:
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(2, 5000)), rng.integers(0, 2, 5000).astype(float)
    grouped, counts, promoted = group(X, y)
    assert grouped is X
    assert promoted is y
    assert counts.tolist() == [1.0] * 5000


def test_many_tied_inputs_do_not_overflow_the_codes() -> None:
    rng = np.random.default_rng(0)
    X, y = rng.integers(0, 10, (25, 400)).astype(float), rng.integers(0, 2, 400).astype(float)  # 10²⁵ cells
    assert tally(*group(X, y)) == tally(X, np.ones(400), y)


def test_few_values_far_apart_do_not_overflow_the_codes() -> None:
    rng = np.random.default_rng(0)
    X, y = rng.integers(0, 2, (6, 5000)) * 4000.0, rng.integers(0, 2, 5000).astype(float)
    grouped, counts, promoted = group(X, y)  # 4001⁶ cells when whole numbers are their own index
    assert tally(grouped, counts, promoted) == tally(X, np.ones(5000), y)


def test_scale_of_grouped_rows_is_that_of_the_rows() -> None:
    rng = np.random.default_rng(1)
    X, y = rng.integers(0, 9, (2, 3000)).astype(float), rng.integers(0, 2, 3000).astype(float)
    grouped, counts, _ = group(X, y)
    assert len(counts) == 81
    scale = measure(grouped, counts)
    np.testing.assert_allclose(scale.mean, X.mean(axis=1), rtol=1e-14)
    np.testing.assert_allclose(scale.deviation, X.std(axis=1), rtol=1e-14)


@pytest.mark.parametrize("value", [0.0, 0.1, 1e16, -7.3])
def test_a_constant_input_has_scale_one(value: float) -> None:
    scale = measure(np.stack([np.full(1000, value), np.arange(1000.0)]), np.ones(1000))
    assert scale.deviation[0] == 1.0
    assert scale.deviation[1] == pytest.approx(np.arange(1000).std(), rel=1e-14)
    np.testing.assert_allclose(scale.mean[0], value, rtol=1e-14)


def test_folding_back_is_the_same_function_of_raw_inputs() -> None:
    rng = np.random.default_rng(2)
    X = rng.normal(3, 5, (2, 50))
    scale, w, b = measure(X, np.ones(50)), rng.normal(size=(2, 4)), rng.normal(size=4)
    raw, raw_bias = scale.raw(w, b)
    np.testing.assert_allclose(raw.T @ X + raw_bias[:, None], w.T @ scale.standardised(X) + b[:, None], atol=1e-13)

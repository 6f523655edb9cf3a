"""Rows gathered in cells: nobody is lost, values that are few stay apart, and the loss hardly changes."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

from app.network.loss import losses
from app.network.options import FitOptions
from app.network.parameters import Array
from app.network.rows import Rows
from app.network.solvers.bins import bins_along
from app.network.solvers.cells import coarsen
from app.network.solvers.sample import sample
from app.network.training_set import pose
from tests.network.training_sets import exclusive


def random_rows(X: Array, seed: int = 0, share: float = 0.3) -> Rows:
    rng = np.random.default_rng(seed)
    counts = rng.integers(1, 4, X.shape[1]).astype(float)
    return Rows(np.vstack([X, np.ones(X.shape[1])]), counts, rng.binomial(counts.astype(int), share).astype(float))


def means(rows: Rows) -> Array:
    """Σ c, Σ s and Σ c·x of each input and of the row of ones."""
    return np.array([rows.counts.sum(), rows.promoted.sum(), *(rows.X @ rows.counts)])


@pytest.mark.parametrize(("d", "cells", "bins"), [(1, 1024, 1024), (2, 1024, 32), (2, 65536, 256), (3, 4096, 16)])
def test_as_many_bins_as_the_cells_allow(d: int, cells: int, bins: int) -> None:
    assert bins_along(d, cells) == bins
    rows = random_rows(np.random.default_rng(1).normal(size=(d, 100_000)))
    assert 0.6 * cells < len(coarsen(rows, cells)) <= cells


@pytest.mark.parametrize(
    "X",
    {
        "normal": np.random.default_rng(0).normal(size=(2, 9000)),
        "several blocks": np.random.default_rng(0).normal(size=(2, 150_000)),
        "long tails": np.random.default_rng(0).lognormal(0, 3, size=(3, 9000)),
        "an outlier": np.append(np.random.default_rng(0).normal(size=(2, 9000)), [[1e9], [-1e9]], axis=1),
        "a constant": np.stack([np.full(9000, 0.25), np.linspace(-1, 1, 9000)]),
        "next to no width": np.stack([np.arange(9000) * 1e-308, np.linspace(-1, 1, 9000)]),
        "nearly all alike": np.stack([np.where(np.arange(9000) % 200, 0.0, np.arange(9000)), np.linspace(1, 0, 9000)]),
    }.items(),
    ids=lambda pair: pair[0],
)
def test_nobody_is_lost_and_every_cell_stands_at_its_mean(X: tuple[str, Array]) -> None:
    rows = random_rows(X[1])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        cells = coarsen(rows, 1024)
    np.testing.assert_allclose(means(cells), means(rows), rtol=1e-11, atol=1e-9)
    assert 8 <= len(cells) <= 1024
    assert np.all((cells.promoted >= 0) & (cells.promoted <= cells.counts))
    assert np.all(cells.X[-1] == 1)
    assert np.all(cells.X.max(axis=1) <= rows.X.max(axis=1) + 1e-9)


def test_fewer_values_than_bins_stay_apart() -> None:
    rng = np.random.default_rng(3)
    value = np.sort(rng.normal(size=(2, 20)), axis=1)
    rows = random_rows(np.stack([value[i][rng.integers(0, 20, 9000)] for i in range(2)]))
    cells = coarsen(rows, 4096)
    assert len(cells) == 400
    for x in value[0]:
        there, here = rows.X[0] == x, np.isclose(cells.X[0], x, rtol=1e-12)
        assert cells.counts[here].sum() == rows.counts[there].sum()
        assert cells.promoted[here].sum() == rows.promoted[there].sum()


def test_cells_of_cells_are_as_many() -> None:
    rows = random_rows(np.random.default_rng(1).uniform(size=(2, 800_000)))
    large = coarsen(rows, 65536)  # in rows of 256: one in eight of them would be one column in eight
    assert len(large) > 65_000
    assert len(coarsen(large, 4096)) > 4000


def test_a_rare_input_keeps_its_values() -> None:
    years = np.where(np.arange(20_000) % 100, 0.0, np.arange(20_000) // 100 % 10 + 1.0)  # one in a hundred has any
    rows = random_rows(np.stack([years, np.random.default_rng(0).normal(size=20_000)]))
    cells = coarsen(rows, 1024)
    for value in range(11):
        assert np.any(np.isclose(cells.X[0], value))


def test_bins_are_where_the_promoted_are_as_well() -> None:
    rng = np.random.default_rng(0)
    x = rng.uniform(0, 1, (2, 400_000))
    rows = Rows(np.vstack([x, np.ones(400_000)]), np.ones(400_000), (x.min(axis=0) > 0.9).astype(float))  # 1 in 100
    cells = coarsen(rows, 4096)
    corner = np.sum(cells.X[:2].min(axis=0) > 0.9)
    assert corner > 30**2  # of 64²; with bins of equal counts it would be 6²


@pytest.mark.parametrize("size", [1024, 4096])
def test_the_loss_hardly_changes_where_that_of_a_sample_does(size: int) -> None:
    objective = pose(*exclusive(100_000, seed=1), FitOptions()).objective
    rng, layout = np.random.default_rng(0), objective.layout
    theta = 2.0 * rng.normal(size=(20, layout.size))
    exact = losses(layout, theta, objective.rows)
    cells = losses(layout, theta, coarsen(objective.rows, size))
    drawn = losses(layout, theta, sample(objective.rows, size, rng))
    assert np.abs(cells / exact - 1).max() < 3.0 / size
    assert np.abs(drawn / exact - 1).max() > 10.0 / size


@pytest.mark.parametrize("blind", [True, False])
def test_blind_cells_do_not_depend_on_who_was_promoted(blind: bool) -> None:
    rows = random_rows(np.random.default_rng(2).normal(size=(2, 9000)))
    high = Rows(rows.X, rows.counts, np.where(rows.X[0] > 1.5, rows.counts, 0.0))
    some, others = coarsen(rows, 1024, blind=blind), coarsen(high, 1024, blind=blind)
    assert (some.X.shape == others.X.shape and np.array_equal(some.X, others.X)) == blind

"""Which edges a value has reached: as a search finds it, but for values within a step of an edge."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.network.solvers.bins import Bins


@given(st.integers(1, 60), st.sampled_from([16, 4096, 1 << 16]), st.integers(0, 10**6))
def test_the_table_agrees_with_a_search_but_for_a_step(count: int, steps: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    edges = np.sort(rng.normal(size=count))
    top = edges[-1] + rng.choice([0.0, 0.5])
    x = np.concatenate([rng.normal(size=300) * 2, edges, [-1e9, 1e9]])
    bins = Bins(edges, top, steps)
    found, exact = bins.reached(x), np.searchsorted(edges, x, side="right")
    step = (top - edges[0]) / steps
    later = np.searchsorted(edges, x + step * (1 + 1e-9), side="right")
    assert np.all((exact <= found) & (found <= later))
    if bins.told_apart:
        assert bins.reached(edges).tolist() == list(range(1, count + 1))


def test_edges_that_share_a_step_are_not_told_apart() -> None:
    assert Bins(np.array([0.0, 0.3, 1.0]), 1.0, 4).told_apart
    close = Bins(np.array([0.0, 0.3, 0.4, 1.0]), 1.0, 4)
    assert not close.told_apart
    assert close.reached(np.array([-0.1, 0.0, 0.26, 0.35, 0.5, 0.99, 1.0, 2.0])).tolist() == [0, 1, 3, 3, 3, 3, 4, 4]


@pytest.mark.parametrize("value", [0.0, 0.25, -1e300])
def test_one_edge_alone_has_no_width(value: float) -> None:
    assert Bins(np.array([value]), value, 16).reached(np.array([value])).tolist() == [1]

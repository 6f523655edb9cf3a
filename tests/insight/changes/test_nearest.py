"""The steps of a whole lattice against a search of every pair of points."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.insight.changes import nearest
from app.insight.changes.found import Steps
from app.network.parameters import Mask
from tests.examples import examples


def by_pairs(promoted: Mask, lengths: tuple[float, float], may_fall: tuple[bool, bool]) -> Steps:
    """Every point against every other, in the order in which ties are broken."""
    n1, n2 = promoted.shape
    steps = np.zeros((n1, n2, 4), dtype=np.int16)
    for i, j in np.ndindex(n1, n2):
        rank = []
        for other1, other2 in np.ndindex(n1, n2):
            k1, k2 = other1 - i, other2 - j
            if promoted[i, j] == promoted[other1, other2] or (k1 < 0 > may_fall[0] - 1) or (k2 < 0 > may_fall[1] - 1):
                continue
            rank.append(((k1 * lengths[0]) ** 2 + (k2 * lengths[1]) ** 2, k1, k2))
        rank.sort()
        steps[i, j, 0] = next((k1 for _, k1, k2 in rank if k2 == 0), 0)
        steps[i, j, 1] = next((k2 for _, k1, k2 in rank if k1 == 0), 0)
        if rank and rank[0][1] and rank[0][2]:
            steps[i, j, 2:] = rank[0][1:]
    return steps


@pytest.mark.parametrize("may_fall", [(False, True), (True, True), (False, False), (True, False)])
@examples(60)
@given(
    shape=st.tuples(st.integers(1, 9), st.integers(1, 9)),
    share=st.sampled_from([0.0, 0.03, 0.1, 0.5, 0.9, 1.0]),
    lengths=st.sampled_from([(1.0, 1.0), (1.0, 0.25), (0.3, 1.1), (1e-3, 1.0)]),  # the first two have many ties
    seed=st.integers(0, 1000),
)
def test_all_points_agree_with_every_pair(
    may_fall: tuple[bool, bool], shape: tuple[int, int], share: float, lengths: tuple[float, float], seed: int
) -> None:
    promoted = np.random.default_rng(seed).random(shape) < share
    found = nearest.of_all(promoted, (promoted, ~promoted), lengths, may_fall)
    assert np.array_equal(found, by_pairs(promoted, lengths, may_fall))


def test_the_highest_within_reach() -> None:
    p = np.array([[0.1, 0.9, 0.2], [0.3, 0.4, 0.8], [0.5, 0.6, 0.7]])
    rows = nearest.highest(p, (False, True))
    assert rows.tolist() == [[0.9] * 3, [0.8] * 3, [0.7] * 3]
    assert rows.strides[1] == 0  # one number a row is kept, not one a point
    assert nearest.highest(p, (False, False)).tolist() == [[0.9, 0.9, 0.8], [0.8, 0.8, 0.8], [0.7, 0.7, 0.7]]
    assert nearest.highest(p, (True, False)).tolist() == [[0.9, 0.9, 0.8]] * 3

"""What is kept, for whom, and that neither threads nor what was dropped change an answer."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from app.insight.changes import lattice_cache as tables
from app.insight.changes.decision_rule import DecisionRule
from app.insight.changes.lattice import Lattice
from app.insight.changes.lattice_cache import Tables
from app.insight.changes.nearest_changes import NearestChanges
from app.network.parameters import Parameters

MODEL = DecisionRule(
    Parameters(np.array([[0.2, -0.1], [0.1, 0.15]]), np.array([-9.0, -6.0]), np.array([4.0, 3.0]), -4.0), 0.5
)


def lattice(may_fall: tuple[bool, bool] = (False, True), step: float = 0.5) -> Lattice:
    return Lattice((step, 1.0), (80.0, 100.0), (8.0, 12.0), may_fall)


@pytest.mark.parametrize(
    ("grid", "most"), [(lattice(), 16), (lattice((False, False)), 10), (lattice(step=0.1), 3), (lattice(step=0.2), 6)]
)
def test_the_last_ones_are_kept_in_4_mebibytes(grid: Lattice, most: int) -> None:
    kept = Tables(MODEL, grid)
    for remainder in range(most + 1):
        assert kept.find((remainder, 0), kept.pays) is not None
    assert len(kept._tables) == most
    size = sum(
        t.probability.nbytes + t.steps.nbytes + (t.highest.nbytes if t.highest.strides[1] else 0)
        for t in kept._tables.values()
    )
    assert size <= 4 << 20
    assert kept.find((most, 0), 1) is not None
    assert kept.find((0, 0), 1) is None  # dropped, and not built for one


def test_the_one_used_last_stays() -> None:
    kept = Tables(MODEL, lattice())
    first = kept.find((0, 0), kept.pays)
    for remainder in range(1, 20):
        kept.find((remainder, 0), kept.pays)
        assert kept.find((0, 0), 1) is first


def test_a_table_is_built_for_as_many_as_it_takes_to_pay() -> None:
    kept = Tables(MODEL, lattice())
    for _ in range(kept.pays - 1):
        assert kept.find((5, 0), 1) is None
    assert kept.find((5, 0), 1) is not None
    for remainder in range(2 * tables._MOST_REMEMBERED):
        kept.find((remainder, 1), 1)
    assert len(kept._asked) <= tables._MOST_REMEMBERED


def test_threads_get_what_one_alone_gets() -> None:
    rng = np.random.default_rng(0)
    X = np.column_stack([np.round(rng.uniform(0, 80, 600), 1), rng.integers(0, 100, 600)])
    alone = [NearestChanges(MODEL, lattice()).of_one(x) for x in X.tolist()]
    shared = NearestChanges(MODEL, lattice())
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(shared.of_one, X.tolist())) == alone
        assert [c.highest_reachable_probability[7] for c in pool.map(shared, [X] * 8)] == [alone[7][1]] * 8

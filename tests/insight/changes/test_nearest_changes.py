"""The nearest change against an exhaustive search in decimal arithmetic, by its guarantees, and by hand."""

from __future__ import annotations

import math
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.insight.changes.changes import Change
from app.insight.changes.decision_rule import DecisionRule
from app.insight.changes.lattice import Lattice
from app.insight.changes.lattice_cache import Tables
from app.insight.changes.nearest_changes import NearestChanges
from app.network.forward import score
from app.network.one import score_one
from app.network.parameters import Array, Parameters
from tests.examples import examples
from tests.network.training_sets import exclusive, run, slope

DEVIATIONS = (7.3, 11.9)


def lattice(**chosen: Any) -> Lattice:
    default: dict[str, Any] = {
        "steps": (0.5, 1.0),
        "highest": (80.0, 100.0),
        "deviations": DEVIATIONS,
        "may_fall": (False, True),
    }
    return Lattice(**default | chosen)


def network(seed: int, hidden: int = 2) -> Parameters:
    """Boundaries of any direction through the middle of the ranges: monotone, not monotone, islands."""
    rng = np.random.default_rng(seed)
    slopes = rng.normal(size=(2, max(hidden, 1))) * 4 / np.array([[20.0], [30.0]])
    centre = rng.uniform([5, 20], [40, 90], size=(max(hidden, 1), 2))
    bias = -(slopes.T * centre).sum(axis=1)
    if not hidden:
        return Parameters(None, None, slopes[:, 0], float(bias[0]))
    output = rng.normal(size=hidden) * 5
    return Parameters(slopes, bias, output, float(rng.normal() - output.sum() / 2))


Point = tuple[float, float]


def reachable(x: Point, grid: Lattice) -> tuple[list[tuple[int, int]], Array]:
    """Steps (m) and values (m, 2) of every candidate, by decimal arithmetic; numbers as they are read from JSON."""
    lines = []
    for own, step, highest, falls in zip(x, grid.steps, grid.highest, grid.may_fall, strict=True):
        start = Decimal(repr(own)).quantize(Decimal("1e-10"))
        size = Decimal(repr(step))
        counts = range(-int(start / size) if falls else 0, int((Decimal(highest) - start) / size) + 1)
        lines.append([(k, float(start + k * size) if k else own) for k in counts])
    pairs = [(a, b) for a in lines[0] for b in lines[1]]
    return [(a[0], b[0]) for a, b in pairs], np.array([(a[1], b[1]) for a, b in pairs])


def oracle(rule: DecisionRule, grid: Lattice, x: Point) -> tuple[list[Change], float]:
    """Everything by looking at every candidate."""
    steps, values = reachable(x, grid)
    scores = score(rule.parameters, values)
    promoted = score_one(rule.parameters, list(x)) >= rule.threshold
    turned = (scores >= rule.threshold) != promoted
    if rule.interval:
        low, high = rule.interval(values)
        turned &= (high < rule.threshold) if promoted else (low >= rule.threshold)
    rank = []
    for i in np.flatnonzero(turned):
        k1, k2 = steps[i]
        far = math.hypot(k1 * grid.steps[0] / grid.deviations[0], k2 * grid.steps[1] / grid.deviations[1])
        new = (values[i, 0] if k1 else None, values[i, 1] if k2 else None)
        rank.append((round(far, 12), k1, k2, Change(new, float(scores[i]), far)))
    kinds = [rank, [r for r in rank if not r[1]], [r for r in rank if not r[2]]]
    changes = dict.fromkeys(min(some)[3] for some in kinds if some)
    return sorted(changes, key=lambda change: round(change.distance, 12)), float(scores.max())


def listed(columns: Any, row: int) -> tuple[list[Change], float]:
    """One row of the columns as of_one gives it."""
    changes = []
    for kind in columns.ranked[:, row]:
        if kind >= 0:
            of = columns.kinds[kind]
            new: list[float | None] = [None, None]
            for i, values in zip(of.inputs, of.values, strict=True):
                new[i] = float(values[row])
            changes.append(Change((new[0], new[1]), float(of.probability[row]), float(of.distance[row])))
    return changes, float(columns.highest_reachable_probability[row])


def assert_same(got: tuple[list[Change], float], expected: tuple[list[Change], float]) -> None:
    """Equal to the last bit, distances to rounding."""
    assert [(c.values, c.probability) for c in got[0]] == [(c.values, c.probability) for c in expected[0]]
    assert [c.distance for c in got[0]] == pytest.approx([c.distance for c in expected[0]], rel=1e-13)
    assert got[1] == expected[1]


tenths = st.integers(0, 800).map(lambda k: k / 10)
months = st.integers(0, 960).map(lambda k: k / 12)
years = st.one_of(tenths, months, st.floats(0, 80), st.sampled_from([0.0, 80.0, 79.99999999999999, 5e-324]))
hundredths = st.integers(0, 10000).map(lambda k: k / 100)
whole = st.integers(0, 100).map(float)
marks = st.one_of(whole, hundredths, st.floats(0, 100), st.sampled_from([0.0, 100.0, 2 / 3, 99.99999999999999]))
models = st.builds(
    lambda seed, hidden, threshold: DecisionRule(network(seed, hidden), threshold),
    st.integers(0, 10**6),
    st.integers(0, 3),
    st.floats(0.02, 0.98),
)
GRIDS = [
    lattice(),
    lattice(steps=(0.5, 5.0)),
    lattice(steps=(0.3, 7.7), highest=(41.5, 100.0)),
    lattice(may_fall=(True, True), steps=(2.0, 2.0)),
    lattice(may_fall=(False, False), steps=(1.0, 2.0)),
    lattice(may_fall=(True, False), steps=(4.0, 2.0)),
    lattice(steps=(100.0, 1.0)),
]


def every_way(rule: DecisionRule, grid: Lattice, x: Point) -> list[tuple[list[Change], float]]:
    """Searched for alone, among too few and among some who share no lattice; looked up among many, and alone."""
    searched, looked_up = NearestChanges(rule, grid), NearestChanges(rule, grid)
    some = searched(np.array([x, (0.1, 2 / 3), x, (1 / 3, 50.0)]))
    many = looked_up(np.array([x] * max(4, Tables(rule, grid).pays)))
    rows = [listed(searched(np.array([x])), 0), listed(some, 2), listed(many, 3)]
    return [searched.of_one(x), *rows, looked_up.of_one(x)]


@pytest.mark.parametrize("grid", GRIDS)
@examples(50)
@given(rule=models, x1=years, x2=marks)
def test_every_way_finds_what_an_exhaustive_search_finds(
    grid: Lattice, rule: DecisionRule, x1: float, x2: float
) -> None:
    x = (min(x1, grid.highest[0]), x2)
    expected = oracle(rule, grid, x)
    for got in every_way(rule, grid, x):
        assert_same(got, expected)


def interval(parameters: Parameters) -> Any:
    """Ends that lie apart by a width that differs from place to place, and not monotonically."""

    def ends(inputs: Array) -> tuple[Array, Array]:
        p = score(parameters, inputs)
        width = 0.1 + 0.1 * np.sin(inputs[:, 0] + inputs[:, 1] / 3)
        return np.maximum(p - width, 0.0), np.minimum(p + width, 1.0)

    return ends


@examples(40)
@given(rule=models, x1=years, x2=marks)
def test_a_robust_change_holds_at_the_end_of_the_interval_too(rule: DecisionRule, x1: float, x2: float) -> None:
    robust = DecisionRule(rule.parameters, rule.threshold, interval(rule.parameters))
    grid = lattice(steps=(1.0, 2.0))
    expected = oracle(robust, grid, (x1, x2))
    for got in every_way(robust, grid, (x1, x2)):
        assert_same(got, expected)


# z = x₁/2 + x₂/8 − 12, in numbers that doubles hold exactly; promoted where z ≥ 0
NEURON = DecisionRule(Parameters(None, None, np.array([0.5, 0.125]), -12.0), 0.5)
TWO_TEN = {"deviations": (2.0, 10.0)}


def test_changes_by_hand() -> None:
    # z = 2 + 8 − 12 = −2: four more years or 16 more points. Of both, (k₁/4)² + (k₂/10)² is least with
    # k₁/4 + k₂/8 ≥ 2 at (3, 10): .5625 + 1 = 1.25², against (4, 8): 1.64 and (2, 12): 1.69.
    changes, highest = NearestChanges(NEURON, lattice(**TWO_TEN)).of_one((4.0, 64.0))
    assert changes == [((5.5, 74.0), 0.5, 1.25), ((None, 80.0), 0.5, 1.6), ((8.0, None), 0.5, 2.0)]
    assert highest == pytest.approx(1 / (1 + math.exp(-40.5)), rel=1e-15)


def test_nobody_has_to_become_younger() -> None:
    # z = 5 + 10 − 12 = 3: not promoted with 25 points less (24 leave z = 0, which promotes); more years do not help.
    changes, _ = NearestChanges(NEURON, lattice(**TWO_TEN)).of_one((10.0, 80.0))
    assert changes == [((None, 55.0), pytest.approx(1 / (1 + math.exp(0.125)), rel=1e-15), 2.5)]


def test_new_values_are_decimals() -> None:
    # 6.2 + 6·0.1 is 6.8, which as doubles it is not. z = 3.1 + 8.625 − 12 = −.275.
    assert 6.2 + 6 * 0.1 != 6.8
    changes, _ = NearestChanges(NEURON, lattice(steps=(0.1, 1.0))).of_one((6.2, 69.0))
    assert [change.values for change in changes if change.values[1] is None] == [(6.8, None)]


def test_out_of_reach_is_said_with_the_highest_score_that_is_not() -> None:
    never = DecisionRule(Parameters(None, None, np.array([0.01, 0.01]), -3.0), 0.5)
    changes = NearestChanges(never, lattice())
    assert changes.of_one((3.0, 50.0)) == ([], score_one(never.parameters, [80.0, 100.0]))
    columns = changes(np.array([[3.0, 50.0], [1 / 3, 50.0]]))
    assert not columns.any.any()
    # 1/3 + k·½ with ten decimals: 79.8333333333 is the last in the range
    expected = [score_one(never.parameters, [x1, 100.0]) for x1 in (80.0, 79.8333333333)]
    assert columns.highest_reachable_probability.tolist() == expected
    assert all(np.isfinite([*kind.values, kind.probability, kind.distance]).all() for kind in columns.kinds)


def carved(*promoted: Point) -> DecisionRule:
    """Nobody who stays at 0 years is promoted, and robustly only those at these points are."""

    def ends(inputs: Array) -> tuple[Array, Array]:
        inside = np.array([tuple(x) in promoted for x in inputs.tolist()])
        return np.where(inside, 0.9, 0.0), np.ones(len(inputs))

    return DecisionRule(Parameters(None, None, np.array([1.0, 0.0]), -0.5), 0.5, ends)


@pytest.mark.parametrize("ways", range(5))
def test_of_equally_near_changes_the_one_with_fewer_years_then_the_lower_score(ways: int) -> None:
    square = lattice(steps=(1.0, 1.0), deviations=(1.0, 1.0))
    rule = carved((5.0, 50.0), (3.0, 54.0), (3.0, 46.0), (4.0, 47.0))
    changes, _ = every_way(rule, square, (0.0, 50.0))[ways]
    assert [change.values for change in changes] == [(3.0, 46.0), (5.0, None)]
    assert [change.distance for change in changes] == [5.0, 5.0]
    # Promoted above 60.5 and below 39.5: eleven points either way.
    edges = Parameters(np.array([[0.0, 0.0], [10.0, -10.0]]), np.array([-605.0, 395.0]), np.array([20.0, 20.0]), -10.0)
    changes, _ = every_way(DecisionRule(edges, 0.5), square, (0.0, 50.0))[ways]
    assert [change.values for change in changes] == [(None, 39.0)]


@pytest.mark.parametrize("decimals", [0, 1, 20])
@pytest.mark.parametrize("make", [slope, exclusive])
def test_a_change_of_a_trained_model_turns_the_decision_and_one_step_less_does_not(make: Any, decimals: int) -> None:
    inputs, targets = make(400)
    parameters = run(inputs, targets, starts=16)[0].parameters
    rng = np.random.default_rng(decimals)
    X = np.round(rng.uniform([0, 0], [45, 100], (2000 if decimals < 2 else 200, 2)), decimals)
    changes = NearestChanges(DecisionRule(parameters, 0.5), lattice(deviations=tuple(inputs.std(axis=0).tolist())))(X)
    promoted = score(parameters, X) >= 0.5
    for kind in changes.kinds:
        assert np.count_nonzero(kind.present) > 10
        after = X[kind.present].copy()
        for i, values in zip(kind.inputs, kind.values, strict=True):
            after[:, i] = values[kind.present]
        assert np.array_equal(score(parameters, after), kind.probability[kind.present])
        assert np.all((kind.probability[kind.present] >= 0.5) != promoted[kind.present])
        for i in kind.inputs:
            less = after.copy()
            less[:, i] -= np.sign(after[:, i] - X[kind.present, i]) * (0.5, 1.0)[i]
            assert np.all((score(parameters, less) >= 0.5) == promoted[kind.present])


def test_the_order_is_that_of_the_distances() -> None:
    rng = np.random.default_rng(1)
    X = np.round(rng.uniform([0, 0], [80, 100], (3000, 2)), 1)
    columns = NearestChanges(DecisionRule(network(18), 0.5), lattice())(X)
    present = np.stack([kind.present for kind in columns.kinds], axis=1)
    assert np.unique(present, axis=0).shape[0] > 3  # none, some, all
    distance = np.stack([kind.distance for kind in columns.kinds], axis=1)
    for kinds, there, far in zip(columns.ranked.T, present, distance, strict=True):
        listed = kinds[kinds >= 0]
        assert sorted(listed) == np.flatnonzero(there).tolist()
        assert np.all(kinds[len(listed) :] == -1)
        assert np.all(np.diff(far[listed]) >= 0)


def test_nobody_at_all() -> None:
    columns = NearestChanges(NEURON, lattice())(np.empty((0, 2)))
    assert [len(kind.distance) for kind in columns.kinds] == [0, 0, 0]
    assert columns.ranked.shape == (3, 0)


@pytest.mark.parametrize(
    "x", [(-0.5, 50.0), (80.5, 50.0), (3.0, -1.0), (3.0, 100.5), (math.nan, 50.0), (3.0, math.inf)]
)
def test_values_outside_the_ranges_are_refused(x: Point) -> None:
    changes = NearestChanges(NEURON, lattice())
    with pytest.raises(ValueError, match="ranges"):
        changes.of_one(x)
    with pytest.raises(ValueError, match="ranges"):
        changes(np.array([x]))


@pytest.mark.parametrize("deviations", [(1e-9, 10.0), (10.0, 1e-9), (1e100, 1e-90)])
def test_distances_that_differ_by_rounding_only_do_not_divide_the_ways(deviations: tuple[float, float]) -> None:
    grid = lattice(deviations=deviations, steps=(2.0, 2.0))
    for seed in range(40):
        x = (float(seed % 12), 40.0 + seed)
        first, *others = every_way(DecisionRule(network(seed), 0.5), grid, x)
        assert others == [first] * 4
        assert all(math.isfinite(change.distance) for change in first[0])

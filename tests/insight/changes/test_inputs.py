"""Changes of one, three and four inputs, against every change that is allowed; and how changes of two are ranked."""

from __future__ import annotations

import math
from itertools import combinations, product
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.insight.changes.changes import Change, ChangeColumns, Changes
from app.insight.changes.decision_rule import DecisionRule
from app.insight.changes.lattice import Lattice
from app.insight.changes.nearest_changes import NearestChanges
from app.network.forward import score, score_one
from app.network.parameters import Array, Parameters
from tests.examples import examples

HIGHEST, STEPS, DEVIATIONS = (4.0, 6.0, 2.5, 3.0), (0.5, 1.0, 0.5, 1.0), (1.3, 2.9, 0.7, 1.9)


def small(d: int, may_fall: tuple[bool, ...], deviations: tuple[float, ...] = DEVIATIONS) -> Lattice:
    return Lattice(STEPS[:d], HIGHEST[:d], deviations[:d], may_fall[:d])


def network(d: int, hidden: int, seed: int) -> Parameters:
    """Boundaries of any direction through the world."""
    rng = np.random.default_rng(seed)
    slopes = rng.normal(size=(d, max(hidden, 1))) * 5 / np.array(HIGHEST[:d])[:, None]
    bias = -(slopes * rng.uniform(0, HIGHEST[:d], size=(max(hidden, 1), d)).T).sum(axis=0)
    if not hidden:
        return Parameters(None, None, slopes[:, 0], float(bias[0]))
    output = rng.normal(size=hidden) * 5
    return Parameters(slopes, bias, output, float(rng.normal() - output.sum() / 2))


def allowed(lattice: Lattice, x: list[float]) -> tuple[Array, Array]:
    """Every point that differs from x (d,) in one input, in two, or in none: steps (m, d) and values (m, d)."""
    d, steps, values = len(x), [], []
    reach = [
        range(
            -int(x[i] / lattice.steps[i]) if lattice.may_fall[i] else 0,
            int((lattice.highest[i] - x[i]) / lattice.steps[i]) + 1,
        )
        for i in range(d)
    ]
    for k in product(*reach):
        if np.count_nonzero(k) <= 2:
            steps.append(k)
            values.append([x[i] + k[i] * lattice.steps[i] for i in range(d)])
    return np.array(steps), np.array(values)


def by_brute_force(rule: DecisionRule, lattice: Lattice, x: list[float]) -> tuple[list[Change], float]:
    """The nearest change of each input alone, and in front of them the nearest of all where it moves two."""
    steps, values = allowed(lattice, x)
    scores = score(rule.parameters, values)
    promoted = score_one(rule.parameters, x) >= rule.threshold
    turned = (scores >= rule.threshold) != promoted
    if rule.interval:
        low, high = rule.interval(values)
        turned &= (high < rule.threshold) if promoted else (low >= rule.threshold)
    ranking = []
    for k, at, p in zip(steps[turned], values[turned], scores[turned], strict=True):
        distance = math.hypot(*(k * np.array(lattice.steps) / lattice.deviations))
        new = tuple(float(value) if steps_of else None for steps_of, value in zip(k, at, strict=True))
        ranking.append((round(distance, 12), tuple(k), Change(new, float(p), distance)))
    ranking.sort()
    first = ranking[:1] if ranking and np.count_nonzero(ranking[0][1]) == 2 else []
    alone = [next(([r] for r in ranking if np.flatnonzero(r[1]).tolist() == [i]), []) for i in range(len(x))]
    rest = sorted((one[0] for one in reversed(alone) if one), key=lambda r: r[0])
    return [r[2] for r in first + rest], float(scores.max())


def listed(columns: Changes, row: int) -> list[Change]:
    """One row of the columns as `of_one` gives it."""
    changes = []
    for number in columns.ranked[:, row].tolist():
        if number >= 0:
            kind = columns.kinds[number]
            assert kind.present[row]
            new = dict(zip(kind.inputs, (float(values[row]) for values in kind.values), strict=True))
            values = tuple(new.get(i) for i in range(max(k.inputs[0] for k in columns.kinds if len(k.inputs) == 1) + 1))
            changes.append(Change(values, float(kind.probability[row]), float(kind.distance[row])))
    return changes


worlds = st.fixed_dictionaries(
    {
        "hidden": st.integers(0, 3),
        "seed": st.integers(0, 10**6),
        "threshold": st.floats(0.05, 0.95),
        "falls": st.tuples(*[st.booleans()] * 4),
        "counts": st.lists(
            st.tuples(*(st.integers(0, int(h / s)) for h, s in zip(HIGHEST, STEPS, strict=True))),
            min_size=1,
            max_size=6,
        ),
    }
)


@pytest.mark.parametrize("d", [1, 2, 3, 4])
@pytest.mark.parametrize("robust", [False, True])
@pytest.mark.many_examples
@examples(40)
@given(world=worlds)
def test_what_is_found_is_the_nearest_of_all_that_is_allowed(d: int, robust: bool, world: dict[str, Any]) -> None:
    parameters, lattice = network(d, world["hidden"], world["seed"]), small(d, world["falls"])

    def ends(inputs: Array) -> tuple[Array, Array]:
        p = score(parameters, inputs)
        width = 0.1 + 0.1 * np.sin(inputs @ np.arange(1.0, d + 1.0))
        return np.maximum(p - width, 0.0), np.minimum(p + width, 1.0)

    rule = DecisionRule(parameters, world["threshold"], ends if robust else None)
    X = np.array(world["counts"], dtype=float)[:, :d] * STEPS[:d]
    changes = NearestChanges(rule, lattice)
    columns = changes(X)
    for row, x in enumerate(X.tolist()):
        expected, highest = by_brute_force(rule, lattice, x)
        found, reachable = changes.of_one(x)
        assert [(c.values, c.probability) for c in found] == [(c.values, c.probability) for c in expected]
        assert [c.distance for c in found] == pytest.approx([c.distance for c in expected], rel=1e-13)
        assert reachable == columns.highest_reachable_probability[row] == highest
        assert listed(columns, row) == found
        assert columns.any[row] == bool(expected)


@pytest.mark.parametrize("d", [1, 3, 4])
def test_the_kinds_are_each_input_alone_and_then_each_two(d: int) -> None:
    lattice, rng = small(d, (True, True, True, True)), np.random.default_rng(d)
    X = rng.uniform(0, HIGHEST[:d], (60, d))
    two = 0
    for seed in range(8):
        rule = DecisionRule(network(d, 2, seed), 0.5)
        columns = NearestChanges(rule, lattice)(X)
        assert [kind.inputs for kind in columns.kinds] == [*((i,) for i in range(d)), *combinations(range(d), 2)]
        assert columns.ranked.shape == (1 if d == 1 else d + 1, 60)
        assert columns.ranked.dtype == np.int8
        own = score(rule.parameters, X)
        for kind in columns.kinds:
            after = X.copy()
            for i, values in zip(kind.inputs, kind.values, strict=True):
                after[kind.present, i] = values[kind.present]
                assert values[~kind.present] == pytest.approx(X[~kind.present, i], abs=1e-10)
            assert np.array_equal(kind.probability, score(rule.parameters, after))
            assert np.array_equal(kind.probability[~kind.present], own[~kind.present])
            assert not kind.distance[~kind.present].any()
        pairs = np.stack([kind.present for kind in columns.kinds[d:]]) if d > 1 else np.zeros((1, 60), dtype=bool)
        assert pairs.sum(axis=0).max() <= 1
        two += int(pairs.sum())
    assert two > 20 or d == 1


def test_three_inputs_by_hand() -> None:
    # z = x₁ + x₂ + x₃ − 4 is −1 at (1, 1, 1). One point more is enough, of whichever input, and by the second it is
    # nearest: 1/2.9. Half a point each of the first and the third would be .81.
    lattice = small(3, (True, True, True))
    one = NearestChanges(DecisionRule(Parameters(None, None, np.ones(3), -4.0), 0.5), lattice)
    assert one.of_one([1.0, 1.0, 1.0])[0] == [
        ((None, 2.0, None), 0.5, 1 / 2.9),
        ((2.0, None, None), 0.5, pytest.approx(1 / 1.3, rel=1e-15)),
        ((None, None, 2.0), 0.5, pytest.approx(1 / 0.7, rel=1e-15)),
    ]
    # z = −2 at (1, 2, 1), and deviations are equal: one point each of two inputs is nearer than two points of one. Of
    # the three pairs the one that leaves the first input alone wins. All three together are not looked for.
    equal = small(3, (True, True, True), (1.0, 1.0, 1.0))
    two = NearestChanges(DecisionRule(Parameters(None, None, np.ones(3), -6.0), 0.5), equal)
    changes, highest = two.of_one([1.0, 2.0, 1.0])
    assert changes[0] == ((None, 3.0, 2.0), 0.5, math.sqrt(2.0))
    assert [change.values for change in changes[1:]] == [(None, 4.0, None), (3.0, None, None)]  # 2.5 is the most of x₃
    assert highest == score_one(Parameters(None, None, np.ones(3), -6.0), [4.0, 6.0, 1.0])  # the third stays


def test_of_changes_equally_far_that_of_the_later_input_goes_first() -> None:
    lattice = small(3, (True, True, True), (0.5, 1.0, 0.5))
    rule = DecisionRule(Parameters(None, None, np.array([2.0, 1.0, 2.0]), -6.0), 0.5)  # z = −1 at (1, 1, 1)
    changes = NearestChanges(rule, lattice)
    assert [(c.values, c.distance) for c in changes.of_one([1.0, 1.0, 1.0])[0]] == [
        ((None, None, 1.5), 1.0),
        ((None, 2.0, None), 1.0),
        ((1.5, None, None), 1.0),
    ]
    assert changes(np.ones((2, 3))).ranked.T.tolist() == [[2, 1, 0, -1]] * 2


def test_ranks_of_kinds_by_hand() -> None:
    def kind(inputs: tuple[int, ...], distances: list[float]) -> ChangeColumns:
        distance = np.array(distances)
        return ChangeColumns(inputs, (distance,) * len(inputs), distance, distance, distance > 0)

    kinds = (
        kind((0,), [1.0, 0.0, 3.0, 0.0, 2.0]),
        kind((1,), [2.0, 0.0, 3.0, 0.0, 2.0]),
        kind((2,), [3.0, 0.0, 1.0, 5.0, 2.0]),
        kind((0, 1), [0.0, 0.0, 0.0, 0.0, 0.0]),
        kind((0, 2), [0.0, 0.0, 0.0, 4.0, 0.0]),
        kind((1, 2), [0.5, 0.0, 0.0, 0.0, 0.0]),
    )
    ranked = Changes(kinds, np.ones(5)).ranked.T.tolist()
    assert ranked == [[5, 0, 1, 2], [-1] * 4, [2, 1, 0, -1], [4, 2, -1, -1], [2, 1, 0, -1]]
    assert Changes(kinds, np.ones(5)).any.tolist() == [True, False, True, True, True]
    assert Changes(kinds[:1], np.ones(5)).ranked.tolist() == [[0, -1, 0, -1, 0]]


def test_values_outside_the_ranges_are_refused() -> None:
    changes = NearestChanges(DecisionRule(network(3, 2, 0), 0.5), small(3, (True, True, True)))
    for x in ([1.0, 1.0, 2.6], [1.0, 1.0, -0.1], [1.0, 1.0, math.nan]):
        with pytest.raises(ValueError, match="ranges"):
            changes.of_one(x)
        with pytest.raises(ValueError, match="ranges"):
            changes(np.array([x]))

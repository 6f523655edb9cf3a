"""Whom a score is compared with: nobody left out of the training background, and the right ones above the threshold."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.insight.contributions.shapley import ShapleyValues
from app.insight.evidence.background import Background, just_above_threshold, training_background
from app.network.forward import logit, score
from app.network.parameters import Array, Parameters
from tests.network.training_sets import exclusive, run, slope

# z = x₁ − 10: the score plays no part.
YEARS_ALONE = Parameters(None, None, np.array([1.0, 0.0]), -10.0)


def employees(years: list[float]) -> Array:
    """Those years, all with another score."""
    return np.column_stack([years, np.arange(len(years), dtype=float)])


def exactly(inputs: Array) -> Background:
    """Every row a point."""
    return Background(inputs, np.full(len(inputs), 1 / len(inputs)))


def of_all(rows: Array) -> Background:
    """The training background of rows that each stand for themselves."""
    return training_background(rows, np.ones(len(rows)))


def just_above(parameters: Parameters, threshold: float, rows: Array) -> Background | None:
    """The other background of such rows."""
    return just_above_threshold(parameters, threshold, rows, np.ones(len(rows)))


@given(st.lists(st.integers(1, 60), min_size=1, max_size=12), st.sampled_from([0.2, 0.5, 0.9]))
def test_an_employee_with_a_count_is_that_many_employees(counts: list[int], threshold: float) -> None:
    distinct = employees([7.0 + 0.7 * i for i in range(len(counts))])
    rows = np.repeat(distinct, counts, axis=0)
    weights = np.array(counts, dtype=float)
    pairs = [
        (of_all(rows), training_background(distinct, weights)),
        (just_above(YEARS_ALONE, threshold, rows), just_above_threshold(YEARS_ALONE, threshold, distinct, weights)),
    ]
    for one, other in pairs:
        assert (None if one is None else one.digest) == (None if other is None else other.digest)


def test_identical_rows_are_one_weighted_point() -> None:
    found = of_all(np.array([[3.0, 70.5], [0.1, 80.0], [3.0, 70.5], [3.0, 70.0]]))
    assert found.points.tolist() == [[0.1, 80.0], [3.0, 70.0], [3.0, 70.5]]
    assert found.weights.tolist() == [0.25, 0.25, 0.5]


@pytest.mark.parametrize("whole", [False, True])
def test_contributions_over_256_points_are_nearly_those_over_all_rows(whole: bool) -> None:
    for inputs, targets in (slope(4000), exclusive(4000)):
        rows = np.floor(inputs) if whole else inputs
        parameters = run(rows, targets, starts=4)[0].parameters
        asked = rows[:200], logit(parameters, rows[:200]), score(parameters, rows[:200])
        full = ShapleyValues(parameters, exactly(rows))(*asked)
        sampled = ShapleyValues(parameters, exactly(rows[:256]))(*asked)
        background = of_all(rows)
        assert len(background.weights) == 256
        found = ShapleyValues(parameters, background)(*asked)
        error, chance = np.abs(found.logit - full.logit).max(), np.abs(sampled.logit - full.logit).max()
        assert error < 0.01
        assert error < chance / 5
        assert abs(found.base_logit - full.base_logit) < 0.01
        assert np.abs(found.probability - full.probability).max() < 0.003
        assert abs(found.base_probability - full.base_probability) < 0.002


def test_a_single_neuron_does_not_see_the_difference() -> None:
    # Its v(S) is linear in the background, whose mean every grouping keeps.
    rows = slope(5000)[0]
    parameters = Parameters(None, None, np.array([0.15, 0.08]), -7.0)
    asked = rows[:100], logit(parameters, rows[:100]), score(parameters, rows[:100])
    found = ShapleyValues(parameters, of_all(rows))(*asked)
    np.testing.assert_allclose(found.logit, ShapleyValues(parameters, exactly(rows))(*asked).logit, atol=1e-9)


def test_the_quarter_of_the_promoted_with_the_least_logits() -> None:
    # 400 promoted (10 counts: ŷ = ½), 100 not; the least 100 are 10, 11, …, 109.
    inputs = employees([*np.arange(10.0, 410.0), *np.linspace(0.0, 9.9, 100)])
    found = just_above(YEARS_ALONE, 0.5, np.random.default_rng(0).permutation(inputs))
    assert found is not None
    assert found.points[:, 0].tolist() == list(np.arange(10.0, 110.0))
    assert found.weights.tolist() == [0.01] * 100


@pytest.mark.parametrize(("promoted", "taken"), [(1, 1), (29, 29), (31, 30), (120, 30), (121, 31)])
def test_at_least_thirty_or_all(promoted: int, taken: int) -> None:
    found = just_above(YEARS_ALONE, 0.5, employees([*(11.0 + np.arange(promoted)), 3.0, 4.0]))
    assert found is not None
    assert found.points[:, 0].tolist() == list(11.0 + np.arange(taken))


def test_who_ties_with_the_last_is_taken_too() -> None:
    years = [11.0] * 29 + [12.0] * 50 + [13.0] * 41
    found = just_above(YEARS_ALONE, 0.5, employees(years))
    assert found is not None
    assert sorted(found.points[:, 0]) == [11.0] * 29 + [12.0] * 50


def test_whom_the_threshold_of_the_model_promotes() -> None:
    # 1/(1 + e⁻²) = .8808: the ends of 12 and 11.9.
    found = just_above(YEARS_ALONE, 0.88, employees([11.9, 12.0, 8.0, 40.0]))
    assert found is not None
    assert found.points[:, 0].tolist() == [12.0, 40.0]


@pytest.mark.parametrize("threshold", [0.5, 0.999])
def test_a_model_that_promotes_nobody_has_nobody_above(threshold: float) -> None:
    assert just_above(YEARS_ALONE, threshold, employees([1.0, 2.0, 9.999])) is None


@given(st.permutations(range(40)), st.sampled_from([0.1, 0.5, 0.9]))
def test_the_order_of_the_rows_changes_not_a_bit(order: list[int], threshold: float) -> None:
    inputs = np.round(slope(40)[0] / 5) * 5
    parameters = Parameters(None, None, np.array([0.15, 0.08]), -7.0)
    for one, other in (
        (of_all(inputs), of_all(inputs[order])),
        (
            just_above(parameters, threshold, inputs),
            just_above(parameters, threshold, inputs[order]),
        ),
    ):
        assert one is not None
        assert other is not None
        assert one.points.tobytes() == other.points.tobytes()
        assert one.weights.tobytes() == other.weights.tobytes()


def test_many_just_above_become_few_who_are_still_above() -> None:
    inputs, targets = exclusive(20_000)
    parameters = run(inputs[:2000], targets[:2000], starts=8)[0].parameters
    found = just_above(parameters, 0.5, inputs)
    assert found is not None
    assert len(found.weights) == 256
    assert found.weights.sum() == pytest.approx(1.0, abs=1e-14)
    p = score(parameters, found.points)
    assert found.weights[p >= 0.5].sum() > 0.99
    z = np.sort(logit(parameters, inputs[score(parameters, inputs) >= 0.5]))
    assert found.weights[p <= 1 / (1 + np.exp(-z[len(z) // 4]))].sum() > 0.95

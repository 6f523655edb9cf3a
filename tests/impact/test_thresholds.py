"""Whom each threshold would select."""

from __future__ import annotations

import numpy as np

from app.impact.audit import People, median, over_thresholds


def test_a_threshold_selects_who_just_reaches_it() -> None:
    """Two of a with .25 and .5; of b two with .5, in one record, and one with 1. The model's own threshold is .305."""
    nobody = np.zeros(4, np.intp)
    people = People(("a", "b"), ("x",), None, np.array([0, 0, 1, 1]), nobody, nobody, np.array([1, 1, 2, 1]))
    views = over_thresholds(people, np.array([0.25, 0.5, 0.5, 1.0]), 0.305)
    rates = {view["threshold"]: [row["rate"] for row in view["sex"]] for view in views}
    assert {at: rates[at] for at in (0.0, 0.25, 0.26, 0.5, 0.51, 1.0)} == {
        0.0: [1, 1],
        0.25: [1, 1],
        0.26: [0.5, 1],
        0.5: [0.5, 1],
        0.51: [0, 1 / 3],
        1.0: [0, 1 / 3],
    }
    ratios = {view["threshold"]: [row["impact_ratio"] for row in view["sex"]] for view in views}
    assert (ratios[0.5], ratios[0.51]) == ([0.5, 1], [0, 1])
    assert [view["threshold"] for view in views if view["current"]] == [0.305]


def test_the_median_counts_each_score_as_often_as_it_stands() -> None:
    scores = np.array([3.0, 1.0, 2.0])
    assert median(scores, np.array([1, 1, 1])) == 2
    assert median(scores, np.array([3, 1, 1])) == 3
    assert median(scores, np.array([2, 1, 1])) == 2.5
    assert median(scores, np.array([1, 2, 1])) == 1.5

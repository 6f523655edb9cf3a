"""The data section: floors and contradictions by hand and by scikit-learn, and what makes a column suspicious."""

from __future__ import annotations

import json
import math
from collections import defaultdict

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from sklearn.metrics import log_loss

from app.insight.report.data import _chance, training_data
from tests.insight.runs import trained

NAMES = ["years", "score"]


def section(rows, y):
    found = training_data(np.array(rows, dtype=float), np.array(y, dtype=float), NAMES)
    json.dumps(found, allow_nan=False)
    return found


def test_a_section_by_hand() -> None:
    rows = [(1, 50), (1, 50), (1, 50), (2, 50), (2, 60), (2, 60), (7, 90)]
    found = section(rows, [1, 0, 0, 1, 1, 1, 0])
    assert (found["rows"], found["promoted"], found["class_balance"]) == (7, 4, 4 / 7)
    assert found["duplicates"] == 5
    assert found["contradictions"] == {"groups": 1, "rows": 3}
    assert found["loss_floor"] == pytest.approx((math.log(3) + 2 * math.log(1.5)) / 7, rel=1e-14)
    years, score = found["inputs"]
    assert years == {
        "input": "years", "low": 1.0, "high": 7.0, "mean": 16 / 7, "distinct": 3,
        "deviation": pytest.approx(np.std([1, 1, 1, 2, 2, 2, 7])),
    }  # fmt: skip
    assert (score["low"], score["high"], score["distinct"]) == (50.0, 90.0, 3)
    assert found["suspicious"] == []


@given(st.lists(st.tuples(st.integers(0, 3), st.sampled_from([0.25, 1e9, -7.5]), st.booleans()), min_size=2))
def test_groups_and_floor_agree_with_a_dictionary_and_scikit_learn(rows) -> None:
    assume(len({row[2] for row in rows}) == 2)  # as `fit` demands
    groups = defaultdict(list)
    for years, score, promoted in rows:
        groups[years, score].append(promoted)
    found = section([row[:2] for row in rows], [row[2] for row in rows])
    mixed = [members for members in groups.values() if len(set(members)) == 2]
    assert found["duplicates"] == sum(len(members) for members in groups.values() if len(members) > 1)
    assert found["contradictions"] == {"groups": len(mixed), "rows": sum(map(len, mixed))}
    shares = [sum(groups[row[:2]]) / len(groups[row[:2]]) for row in rows]
    floor = log_loss([row[2] for row in rows], shares, labels=[False, True])
    assert found["loss_floor"] == pytest.approx(floor, abs=1e-12)


def test_duplicates_among_rows_that_are_not_worth_grouping() -> None:
    rng = np.random.default_rng(0)
    X = rng.normal(size=(500, 2))
    X[400:] = X[:100]
    y = np.zeros(500)
    y[:30] = 1.0
    found = section(X, y)
    assert found["duplicates"] == 200
    assert found["contradictions"] == {"groups": 30, "rows": 60}
    assert found["loss_floor"] == pytest.approx(60 * math.log(2) / 500)


def test_no_training_goes_below_the_floor() -> None:
    rng = np.random.default_rng(0)
    X = rng.integers(0, 3, (200, 2)).astype(float)
    y = (rng.random(200) < 0.4).astype(float)
    fitted, _ = trained(X, y, hidden_units=6, alpha=1e-6)
    floor = section(X, y)["loss_floor"]
    assert floor <= fitted.loss < floor + 0.01


def test_a_constant_column_is_suspicious_and_has_no_deviation() -> None:
    found = section([(0.1, s) for s in range(40)], [s % 2 for s in range(40)])
    assert [(entry["input"], entry["why"]) for entry in found["suspicious"]] == [("years", "constant")]
    assert (found["inputs"][0]["deviation"], found["inputs"][0]["distinct"]) == (0.0, 1)


@pytest.mark.parametrize(("sign", "side"), [(1, "above"), (-1, "below")])
def test_a_column_that_separates_alone_is_suspicious(sign: int, side: str) -> None:
    rng = np.random.default_rng(0)
    y = (np.arange(60) >= 40).astype(float)
    rows = np.column_stack([rng.normal(size=60), sign * np.arange(60.0)])
    (entry,) = section(rows, y)["suspicious"]
    assert (entry["input"], entry["why"]) == ("score", "separates_alone")
    assert f"is {side} everybody who was not" in entry["text"]
    rows[40, 1] = rows[39, 1]  # one tie, and it separates no more
    assert section(rows, y)["suspicious"] == []


def test_few_rows_are_separated_by_chance() -> None:
    rows = np.column_stack([np.arange(12.0), np.tile([5.0, 6.0], 6)])
    assert section(rows, np.arange(12) >= 11)["suspicious"] == []
    assert [entry["input"] for entry in section(rows, np.arange(12) >= 6)["suspicious"]] == ["years"]


@pytest.mark.parametrize(("promoted", "others"), [(1, 11), (3, 4), (6, 6), (20, 30)])
def test_the_chance_of_a_separation(promoted: int, others: int) -> None:
    assert _chance(promoted, others) == pytest.approx(min(1, 2 / math.comb(promoted + others, promoted)), rel=1e-10)


def test_a_million_rows_are_no_overflow() -> None:
    assert _chance(500_000, 500_000) == 0.0


def test_the_largest_inputs_have_a_deviation() -> None:
    found = section(np.array([(1e100, 0.0), (-1e100, 0.0), (3.0, 1.0)]), [0, 1, 1])
    assert found["inputs"][0]["deviation"] == pytest.approx(1e100 * math.sqrt(2 / 3))

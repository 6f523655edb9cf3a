"""The three tables: the rule's example, verdicts by name, and what must not change them."""

from __future__ import annotations

import json
from dataclasses import asdict

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.multitest import multipletests

from app.impact.tables import Category, holm, tables
from app.impact.tally import Tally, tally

EXAMPLE = {"Hispanic": (28, 18), "White": (40, 15), "Black": (32, 16), "Native Hawaiian": (8, 5), "Asian": (24, 10)}


def by_race(counts: dict[str, tuple[int, int]], exclude_below: float = 0.0) -> dict[str, Category]:
    """The second table of people of one sex, label: (n, selected)."""
    n = np.zeros((2, len(counts) + 1), np.int64)
    selected = np.zeros_like(n)
    n[0, :-1], selected[0, :-1] = zip(*counts.values(), strict=True)
    rows = tables(Tally(("x",), tuple(counts), n, selected), exclude_below)["race_ethnicity"]
    return {row.category: row for row in rows}


def test_the_rules_own_examples() -> None:
    rows = by_race(EXAMPLE)
    expected = {"Hispanic": 1.0, "White": 0.58, "Black": 0.78, "Native Hawaiian": 0.97, "Asian": 0.65}
    assert {name: round(row.impact_ratio or 0, 2) for name, row in rows.items()} == expected
    rates = {"Hispanic": 0.643, "White": 0.375, "Black": 0.5, "Native Hawaiian": 0.625, "Asian": 0.417}
    assert {name: round(row.rate or 0, 3) for name, row in rows.items()} == rates
    assert [name for name, row in rows.items() if row.reference] == ["Hispanic"]
    rows = by_race({"Male": (92, 50), "Female": (76, 34)})
    assert (round(rows["Male"].rate or 0, 3), rows["Male"].impact_ratio) == (0.543, 1.0)
    assert (round(rows["Female"].rate or 0, 3), round(rows["Female"].impact_ratio or 0, 2)) == (0.447, 0.82)
    assert rows["Female"].verdict == "not_indicated"
    assert rows["Male"].verdict is None


@pytest.mark.parametrize(
    ("category", "reference", "verdict"),
    [
        ((395, 52), (255, 48), "conflicting"),  # .70, but p = .051
        ((395, 40), (255, 48), "adverse_indicated"),
        ((76, 34), (92, 50), "not_indicated"),
        ((10_000, 4600), (10_000, 5000), "conflicting"),  # .92, and certain
        ((5, 1), (5, 2), "insufficient_data"),
        ((5, 0), (5, 3), "conflicting"),  # 0, but p = .17, and one person would not turn it
        ((5, 4), (5, 5), "insufficient_data"),  # .8 of five
        ((10_000, 5000), (10_000, 5001), "not_indicated"),  # one person would turn it, and it does not matter
    ],
)
def test_verdicts(category: tuple[int, int], reference: tuple[int, int], verdict: str) -> None:
    row = by_race({"one": category, "other": reference})["one"]
    assert row.verdict == verdict
    assert row.explanation


def test_nobody_selected_and_nobody_to_compare() -> None:
    rows = by_race({"a": (5, 0), "b": (7, 0), "none": (0, 0)})
    assert [rows[name].verdict for name in rows] == ["no_selections", "no_selections", None]
    assert [rows[name].impact_ratio for name in rows] == [None] * 3
    assert (rows["none"].rate, rows["none"].bounds) == (None, None)
    (alone,) = by_race({"a": (5, 3)}).values()
    assert (alone.verdict, alone.impact_ratio, alone.rate) == ("not_comparable", None, 0.6)


def test_a_small_category_is_shown_and_not_compared() -> None:
    counts = {"a": (980, 300), "b": (1000, 400), "few": (20, 20)}
    assert by_race(counts)["few"].reference is True
    rows = by_race(counts, exclude_below=0.02)
    few = rows["few"]
    assert (few.n, few.rate, few.impact_ratio, few.excluded, few.verdict) == (20, 1.0, None, True, None)
    assert rows["b"].reference is True
    assert by_race(counts, exclude_below=0.01)["few"].excluded is False  # it is exactly so large a share


@given(st.lists(st.floats(0, 1), min_size=1, max_size=12))
def test_holm_is_statsmodels(p: list[float]) -> None:
    adjusted = holm(dict(enumerate(p)) | {-1: None})
    assert -1 not in adjusted, "what was not tested"
    assert [adjusted[i] for i in range(len(p))] == pytest.approx(multipletests(p, method="holm")[1], abs=1e-12)


def test_the_intersectional_verdict_takes_the_adjusted_p() -> None:
    n = np.array([[100, 100, 0], [100, 100, 0], [0, 0, 0]])
    selected = np.array([[50, 37, 0], [36, 38, 0], [0, 0, 0]])
    rows = tables(Tally(("F", "M"), ("x", "y"), n, selected), 0.0)["intersectional"]
    assert [row.category for row in rows] == ["F, x", "F, y", "M, x", "M, y"]
    lowest = rows[2]
    assert lowest.p is not None
    assert lowest.p < 0.05 < lowest.holm_p == 3 * lowest.p
    assert lowest.verdict == "conflicting"
    assert "corrected for the number of comparisons" in lowest.explanation


people = st.lists(
    st.tuples(st.integers(-1, 2), st.integers(-1, 1), st.booleans(), st.integers(1, 4)), min_size=1, max_size=60
)


def of(records: list[tuple[int, int, bool, int]], times: int = 1) -> dict[str, list[Category]]:
    sex, race, chosen, counts = (np.array(column) for column in zip(*records, strict=True))
    return tables(tally(tuple("abc"), tuple("xy"), sex, race, chosen, times * counts), 0.0)


@given(people, st.randoms(), st.permutations(range(3)))
def test_neither_order_nor_names_change_anything(
    records: list[tuple[int, int, bool, int]], rng, new: list[int]
) -> None:
    one = of(records)
    rng.shuffle(records)
    assert of(records) == one
    renamed = of([(sex if sex < 0 else new[sex], race, chosen, n) for sex, race, chosen, n in records])
    for name, rows in one.items():
        others = {row.category: row for row in renamed[name]}
        for row in rows:
            sex, _, rest = row.category.partition(",")
            other = others["abc"[new["abc".index(sex)]] + ("," + rest if rest else "")] if sex in "abc" else others[sex]
            assert told(row) == told(other)


def told(row: Category) -> dict[str, object]:
    """What is said of a category, but for its name and that of the reference."""
    return {key: value for key, value in asdict(row).items() if key not in {"category", "explanation"}}


@given(people)
def test_doubling_leaves_the_ratios(records: list[tuple[int, int, bool, int]]) -> None:
    for name, table in of(records).items():
        for row, other in zip(table, of(records, times=2)[name], strict=True):
            assert (row.rate, row.impact_ratio, row.reference) == (other.rate, other.impact_ratio, other.reference)
            assert other.n == 2 * row.n


@given(people)
def test_never_nan_never_a_ratio_without_its_n(records: list[tuple[int, int, bool, int]]) -> None:
    for table in of(records).values():
        json.dumps([asdict(row) for row in table], allow_nan=False)
        for row in table:
            assert row.explanation
            assert (row.rate is None) == (row.n == 0)
            assert row.impact_ratio is None or (row.n > 0 and 0 <= row.impact_ratio <= 1)
            assert (row.bounds is None) == (row.impact_ratio is None)


def test_chance_is_never_said_to_be_nothing() -> None:
    row = by_race({"one": (10_000, 3000), "other": (10_000, 5000)})["one"]
    assert row.p is not None
    assert row.p < 1e-100
    assert "more than chance explains (p < .0001, two-proportion z test)." in row.explanation

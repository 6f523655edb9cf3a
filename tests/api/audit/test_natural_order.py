"""The order of labels: by numbers, total, and as a person would have it."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.api.audit.natural_order import natural

ZEROS = "0٠०０𝟘"  # of ASCII, of Arabic, of Devanagari, full width, double-struck
characters = st.one_of(st.characters(exclude_categories=["Cs"]), st.sampled_from("0129aAßéÉ" + ZEROS + "²½Ⅷ"))
labels = st.text(characters, max_size=12)


def in_script(number: int, zero: str) -> str:
    """The number in the digits of a script."""
    return "".join(chr(ord(zero) + int(digit)) for digit in str(number))


@given(st.integers(0, 10**30), st.integers(0, 10**30), st.sampled_from(ZEROS), st.sampled_from(ZEROS))
def test_numbers_are_in_the_order_of_numbers_in_whatever_digits(one: int, other: int, zero: str, naught: str) -> None:
    low, high = sorted((one, other + (one == other)))
    assert natural(f"Region {in_script(low, zero)}b") < natural(f"region {in_script(high, naught)}a")


@given(st.lists(labels, unique=True, max_size=8).flatmap(lambda of: st.tuples(st.just(of), st.permutations(of))))
def test_the_order_is_total(ways: tuple[list[str], list[str]]) -> None:
    """It is the same however the labels came: of two different ones, one is the first."""
    one, other = (sorted(way, key=natural) for way in ways)
    assert one == other
    assert all(natural(low) < natural(high) for low, high in pairwise(one))


@pytest.mark.parametrize(
    "ascending",
    [
        ["region 2", "Region 9", "region 10", "Region 10 b"],
        ["0", "1", "02", "2", "10"],
        ["2 years", "11 years", "apple", "Banana", "cherry"],
        ["v1.2", "v1.10", "v2"],
        ["", "a", "a1", "a1b", "aa"],
        ["Female", "female"],
    ],
)
def test_as_a_person_would(ascending: list[str]) -> None:
    descending = ascending[::-1]
    assert sorted(descending, key=natural) == ascending

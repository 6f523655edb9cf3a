"""How p-values are written."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.p_values import written


@pytest.mark.parametrize(
    ("p", "decimals", "expected"),
    [
        (1.0, 4, "= 1.0000"),
        (0.05, 4, "= 0.0500"),
        (0.03124, 4, "= 0.0312"),
        (0.0001, 4, "= 0.0001"),
        (0.00009999, 4, "< .0001"),
        (1e-300, 4, "< .0001"),
        (0.0, 4, "< .0001"),
        (0.001, 3, "= 0.001"),
        (0.0009, 3, "< .001"),
    ],
)
def test_as_written(p: float, decimals: int, expected: str) -> None:
    assert written(p, decimals) == expected


@given(st.floats(0, 1), st.integers(1, 6))
def test_none_is_written_as_0_and_all_are_true(p: float, decimals: int) -> None:
    sign, number = written(p, decimals).split(" ")
    assert float(number) > 0
    assert p < float(number) if sign == "<" else abs(p - float(number)) <= 0.5 * 10.0**-decimals * (1 + 1e-9)

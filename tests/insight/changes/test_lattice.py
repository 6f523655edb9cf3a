"""Remainders that rounding does not split, and what no lattice is made of."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from app.insight.changes.lattice import Lattice

DEFAULT: dict[str, Any] = {
    "steps": (0.5, 1.0),
    "highest": (80.0, 100.0),
    "deviations": (7.0, 12.0),
    "may_fall": (False, True),
}


ONE: dict[str, Any] = {name: values[:1] for name, values in DEFAULT.items()}
THREE: dict[str, Any] = {name: (*values, last) for (name, values), last in zip(DEFAULT.items(), (0.5, 5.0, 1.0, True))}  # noqa: B905


def test_values_that_differ_by_whole_steps_leave_the_same_remainder() -> None:
    fine = Lattice(**DEFAULT | {"steps": (0.1, 0.7)})
    years = np.array([float(f"{whole}.{tenth}") for whole in range(80) for tenth in range(10)])
    counted, index, left, exact = fine.locate(np.stack([years, np.full(800, 99.4)]))
    assert exact.all()
    assert not left[0].any()  # 6.3 % 0.1 is 0.0999…
    assert np.array_equal(index[0], np.arange(800))
    assert index[1, 0] == 142  # 99.4/0.7, which doubles make 141.99999999999997 or 142.00000000000003
    assert np.array_equal(counted[0], np.arange(800) * 1e9)


def test_more_than_ten_decimals_are_told() -> None:
    x = np.array([[6.3, 1 / 3, 0.3333333333, float(np.float32(6.3))], [50.0, 50.0, 0.1 + 0.2, 50.0]])
    _, _, left, exact = Lattice(**DEFAULT).locate(x)
    assert exact.tolist() == [True, False, False, False]
    assert left[0].tolist() == [3e9, 3333333333, 3333333333, 3000001907]


def test_the_values_are_the_decimals_themselves() -> None:
    fine = Lattice(**DEFAULT | {"steps": (0.1, 1.0)})
    assert fine.values(0, 0).tolist() == [float(f"{k // 10}.{k % 10}") for k in range(801)]
    assert fine.values(1, 5 * 10**9).tolist() == [k + 0.5 for k in range(100)]  # 100.5 would be outside


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"steps": (0.5,)}, "each input"),
        ({"steps": (0.5, 1.0, 1.0), "highest": (80.0, 100.0, 5.0)}, "each input"),
        ({"steps": (), "highest": (), "deviations": (), "may_fall": ()}, "each input"),
        ({"steps": (0.0, 1.0)}, "more than 0"),
        ({"steps": (-0.5, 1.0)}, "more than 0"),
        ({"steps": (float("nan"), 1.0)}, "more than 0"),
        ({"steps": (0.5, float("inf"))}, "more than 0"),
        ({"deviations": (7.0, 0.0)}, "more than 0"),
        ({"steps": (1 / 3, 1.0)}, "decimals"),
        ({"steps": (1e-11, 1.0)}, "decimals"),
        ({"steps": (0.1, 0.1)}, "points"),
        ({"steps": (80.0, 0.003)}, "points"),
        (THREE | {"steps": (40.0, 0.1, 0.01)}, "points"),  # 3, 1,001 and 501 points
        (ONE | {"steps": (0.002,)}, "points"),
    ],
)
def test_what_makes_no_lattice_is_refused(wrong: dict[str, Any], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        Lattice(**DEFAULT | wrong)


def test_the_bound_on_points_is_for_each_two_inputs() -> None:
    assert Lattice(**THREE).shape == (161, 101, 11)
    assert Lattice(**THREE | {"steps": (0.4, 0.1, 0.05)}).shape == (201, 1001, 101)  # 20,321,301 points in all
    assert Lattice(**ONE | {"steps": (0.0025,)}).shape == (32001,)

"""One category beside another: the rule's own numbers, scipy and statsmodels, every small table."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
import statsmodels.api as statsmodels
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.proportion import proportions_ztest

from app.impact.exact_test import fisher
from app.impact.two_groups import compare


def test_the_rules_own_example() -> None:
    found = compare(34, 76, 50, 92)
    assert found.ratio == pytest.approx(0.8232, abs=5e-5)
    assert found.z == pytest.approx(-1.2401, abs=5e-5)
    assert found.fisher_p == pytest.approx(0.27786, abs=5e-6)
    assert found.mid_p == pytest.approx(0.22033, abs=5e-6)
    assert found.shortfall == 4.0
    assert (found.test, found.one_person_flips) == ("z", False)


@pytest.mark.parametrize(
    ("counts", "ratio", "z", "fisher_p", "flips"),
    [
        ((52, 395, 48, 255), 0.6994, -1.9525, 0.05835, False),
        ((0, 5, 3, 5), 0.0, -2.0702, 0.16667, False),
        ((1, 5, 2, 5), 0.5, -0.6901, 1.0, True),
    ],
)
def test_known_tables(counts: tuple[int, ...], ratio: float, z: float, fisher_p: float, flips: bool) -> None:
    found = compare(*counts)
    assert found.ratio == pytest.approx(ratio, abs=5e-5)
    assert found.z == pytest.approx(z, abs=5e-5)
    assert found.fisher_p == pytest.approx(fisher_p, abs=5e-6)
    assert found.one_person_flips is flips


def test_fisher_is_scipys_on_every_small_table() -> None:
    for n1, n2 in itertools.product(range(1, 10), repeat=2):
        for a, c in itertools.product(range(n1 + 1), range(n2 + 1)):
            expected = stats.fisher_exact([[a, n1 - a], [c, n2 - c]]).pvalue
            assert fisher(a, n1, c, n2)[0] == pytest.approx(expected, rel=1e-9), (a, n1, c, n2)


def tables(largest: int) -> st.SearchStrategy[tuple[int, int, int, int]]:
    """Tables a of n1, c of n2 with c > 0."""
    return st.tuples(st.integers(1, largest), st.integers(1, largest)).flatmap(
        lambda n: st.tuples(st.integers(0, n[0]), st.just(n[0]), st.integers(1, n[1]), st.just(n[1]))
    )


@given(tables(5000))
def test_fisher_and_mid_p_are_those_of_scipys_distribution(table: tuple[int, int, int, int]) -> None:
    a, n1, c, n2 = table
    m = a + c
    found = fisher(a, n1, c, n2)
    assert found[0] == pytest.approx(stats.fisher_exact([[a, n1 - a], [c, n2 - c]]).pvalue, rel=1e-6, abs=1e-300)
    chance = stats.hypergeom(n1 + n2, n1, m)
    tail = min(chance.cdf(a - 1), chance.sf(a)) + 0.5 * chance.pmf(a)
    assert found[1] == pytest.approx(min(1.0, 2.0 * tail), rel=1e-6, abs=1e-300)


def test_fisher_of_a_million_people() -> None:
    expected = stats.hypergeom(2_000_000, 1_000_000, 100_500).cdf(50_000)
    assert fisher(50_000, 1_000_000, 50_500, 1_000_000)[0] == pytest.approx(2 * expected, rel=1e-6)


@given(tables(3000))
def test_z_and_interval_are_statsmodels(table: tuple[int, int, int, int]) -> None:
    a, n1, c, n2 = table
    found = compare(a, n1, c, n2)
    if a + c == n1 + n2:
        assert found.z is None
    else:
        assert found.z == pytest.approx(proportions_ztest([a, c], [n1, n2])[0], rel=1e-9, abs=1e-12)
    counts = np.array([[a, n1 - a], [c, n2 - c]], dtype=float)
    counts += 0.5 * (counts == 0).any()
    low, high = statsmodels.stats.Table2x2(counts, shift_zeros=False).riskratio_confint()
    assert found.ratio_interval == (pytest.approx(low, rel=1e-9), pytest.approx(high, rel=1e-9))


@given(tables(400))
def test_which_test_decides(table: tuple[int, int, int, int]) -> None:
    a, n1, c, n2 = table
    found = compare(a, n1, c, n2)
    expected = np.outer([n1, n2], [a + c, n1 + n2 - a - c]) / (n1 + n2)
    exact = n1 + n2 < 30 or expected.min() < 5
    assert found.test == ("fisher" if exact else "z")
    assert found.p == (found.fisher_p if exact else pytest.approx(2 * stats.norm.sf(abs(found.z or 0.0)), rel=1e-9))


def test_fisher_decides_below_thirty_people_and_below_five_expected() -> None:
    assert compare(4, 9, 21, 41).test == "fisher"  # 9·25/50 = 4.5 expected
    assert compare(5, 10, 20, 40).test == "z"  # 10·25/50 = 5
    assert compare(7, 14, 7, 15).test == "fisher"  # 29 people, 6.8 expected
    assert compare(7, 15, 7, 15).test == "z"


@given(tables(300))
def test_the_flip_and_the_shortfall_as_they_are_defined(table: tuple[int, int, int, int]) -> None:
    a, n1, c, n2 = table
    found = compare(a, n1, c, n2)
    assert found.one_person_flips == ((a + 1) / n1 > (c - 1) / n2 and not math.isclose((a + 1) / n1, (c - 1) / n2))
    assert found.shortfall == pytest.approx(n1 * (a + c) / (n1 + n2) - a, abs=1e-9)

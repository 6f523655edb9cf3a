"""Pools: statsmodels on generated strata, Simpson's paradox by hand, and what merging pools must not change."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.contingency_tables import StratifiedTable

from app.impact.pooled import Strata, association, chi_square_tail, homogeneity, mantel_haenszel, pooled
from app.impact.tally import Tally


def two_sexes(*pools: tuple[int, int, int, int]) -> list[Tally]:
    """Pools of female selected, n and male selected, n; all of one race."""
    tallies = []
    for a, n1, c, n2 in pools:
        n, selected = np.zeros((2, 3, 2), np.int64)
        n[:2, 0], selected[:2, 0] = (n1, n2), (a, c)
        tallies.append(Tally(("Female", "Male"), ("x",), n, selected))
    return tallies


groups = st.integers(1, 80).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))
strata = st.lists(st.tuples(groups, groups), min_size=1, max_size=6)


@given(strata)
def test_all_of_it_is_statsmodels(pools: list[tuple[tuple[int, int], tuple[int, int]]]) -> None:
    a, n1, c, n2 = np.array([(*one, *other) for one, other in pools]).T
    ours = Strata.of(a, n1, c, n2)
    ratio, odds_ratio = mantel_haenszel(ours)
    theirs = StratifiedTable(np.array([[a, n1 - a], [c, n2 - c]], dtype=float))
    with np.errstate(all="ignore"):
        assert (odds_ratio is None) == (not np.isfinite(theirs.oddsratio_pooled))
        if odds_ratio is not None:
            assert odds_ratio == pytest.approx(theirs.oddsratio_pooled, rel=1e-9)
        assert (ratio is None) == (not c.any())
        if ratio is not None:
            assert ratio == pytest.approx(theirs.riskratio_pooled, rel=1e-9)
        p = association(ours)
        if p is None:
            assert all(m in (0, N) for m, N in zip(a + c, n1 + n2, strict=True))
        else:
            assert p == pytest.approx(theirs.test_null_odds(correction=False).pvalue, rel=1e-6, abs=1e-12)
        tells = (a + c > 0) & (a + c < n1 + n2)
        found = homogeneity(ours, odds_ratio)
        assert (found is None) == (tells.sum() < 2 or not odds_ratio)
        if found is not None and odds_ratio != pytest.approx(1.0):  # there statsmodels divides by nothing
            table = np.array([[a, n1 - a], [c, n2 - c]], dtype=float)[:, :, tells]
            expected = StratifiedTable(table).test_equal_odds(adjust=True)
            assert found == pytest.approx(expected.pvalue, rel=1e-5, abs=1e-9)


@given(st.floats(0, 300), st.integers(1, 60))
def test_the_tail_is_scipys(x: float, degrees: int) -> None:
    assert chi_square_tail(x, degrees) == pytest.approx(stats.chi2.sf(x, degrees), rel=1e-9)


def test_simpson() -> None:
    """In each pool Female is selected more often (.6 to .5, .2 to .1); over all less (.24 to .46), because it applies
    to the pool that selects few.
    """
    found = pooled(two_sexes((6, 10, 90, 180), (18, 90, 2, 20)), 0.0)["sex"]
    (female,) = found
    assert (female.category, female.reference) == ("Female", "Male")
    assert female.crude_ratio == pytest.approx((24 / 100) / (92 / 200))
    # Σ a·n₂/N = 6·180/190 + 18·20/110, Σ c·n₁/N = 90·10/190 + 2·90/110
    assert female.ratio == pytest.approx((1080 / 190 + 360 / 110) / (900 / 190 + 180 / 110))
    assert female.pooling_reverses is True
    assert female.verdict == "not_indicated"
    assert "Simpson" in female.explanation


def test_adverse_in_every_pool_and_not_over_all() -> None:
    found = pooled(two_sexes((10, 100, 40, 200), (270, 300, 100, 100)), 0.0)["sex"]
    (male,) = found  # over all Female is selected more often: 280 of 400, and Male 140 of 300
    assert male.reference == "Female"
    assert male.crude_ratio < 0.8
    assert male.pooling_reverses is True


@given(groups, groups, st.integers(2, 5))
def test_pools_of_equal_rates_merge_without_a_trace(one: tuple[int, int], other: tuple[int, int], k: int) -> None:
    (a, n1), (c, n2) = one, other
    counts = np.array([a, n1, c, n2])
    apart, together = (
        mantel_haenszel(Strata.of(*np.array(pools).T)) for pools in ([counts, k * counts], [(k + 1) * counts])
    )
    for x, y in zip(apart, together, strict=True):
        assert x == (None if y is None else pytest.approx(y, rel=1e-12))


def test_homogeneity_at_an_odds_ratio_of_one_by_hand() -> None:
    """In both pools E = 5·5/10 = 2.5 and 1/V = 4/2.5: twice 1.5²·1.6 = 7.2, and the sums differ by nothing."""
    strata = Strata.of(*np.array([(4, 5, 1, 5), (1, 5, 4, 5)]).T)
    assert mantel_haenszel(strata)[1] == 1.0
    assert homogeneity(strata, 1.0) == pytest.approx(stats.chi2.sf(7.2, 1), rel=1e-12)


def test_pools_without_one_of_both_tell_nothing() -> None:
    (female,) = pooled(two_sexes((5, 10, 0, 0), (0, 0, 9, 10)), 0.0)["sex"]
    assert (female.ratio, female.odds_ratio, female.p, female.homogeneity_p) == (None, None, None, None)
    assert female.verdict == "insufficient_data"
    assert female.explanation == "In no pool can this category be compared with Male."

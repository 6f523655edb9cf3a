"""Pools: statsmodels on generated strata, Simpson's paradox by hand, and what merging pools must not change."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.contingency_tables import StratifiedTable
from statsmodels.stats.multitest import multipletests

from app.impact.pooled import pooled
from app.impact.strata import Strata, association, chi_square_tail, homogeneity, mantel_haenszel
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


def sexes_and_races(*pools: list[list[tuple[int, int]]]) -> list[Tally]:
    """Pools of (selected, n) by sex a, b, … and race x, y, …; nobody is unknown."""
    tallies = []
    for pool in pools:
        counts = np.pad(np.array(pool), ((0, 1), (0, 1), (0, 0)))
        sexes, races = (tuple(letters[: size - 1]) for letters, size in zip(("abc", "xyz"), counts.shape, strict=False))
        tallies.append(Tally(sexes, races, counts[..., 1], counts[..., 0]))
    return tallies


def test_intersectional_verdicts_go_by_the_adjusted_p() -> None:
    """Of 100 each 30, 45 and 46 are selected, beside 60. In one pool χ² = (a − 60)²·199/((a + 60)(140 − a)), so that

        a    χ²       p = erfc √(χ²/2)    Holm (1979): the k-th smallest of three times 4 − k, none below the one before
        30   18.0909  .0000211            3p = .0000632
        45    4.4887  .03412              2p = .06824
        46    3.9145  .04787              1p = .04787, which is less: .06824

    Those in the second pool have nobody beside them: that is no comparison, and makes nothing of the others larger.
    """
    nobody = [(0, 0)] * 2
    found = pooled(
        sexes_and_races([[(30, 100), (45, 100)], [(46, 100), (60, 100)], nobody], [nobody, nobody, [(5, 10), (0, 0)]]),
        0.0,
    )["intersectional"]
    assert [row.category for row in found] == ["a, x", "a, y", "b, x", "c, x"]
    chi_squares = [900 * 199 / (90 * 110), 225 * 199 / (105 * 95), 196 * 199 / (106 * 94)]
    p = [math.erfc(math.sqrt(x / 2)) for x in chi_squares]
    assert [row.p for row in found] == [*(pytest.approx(value, rel=1e-12) for value in p), None]
    assert [row.holm_p for row in found] == [
        pytest.approx(3 * p[0], rel=1e-12),
        pytest.approx(2 * p[1], rel=1e-12),
        pytest.approx(2 * p[1], rel=1e-12),
        None,
    ]
    assert max(p) < 0.05 < 2 * p[1] == pytest.approx(0.06824, abs=1e-5)
    assert [row.verdict for row in found] == ["adverse_indicated", "conflicting", "conflicting", "insufficient_data"]
    corrected = "Mantel-Haenszel test, corrected for the number of comparisons)"
    assert f"more than chance explains (p < .0001, {corrected}." in found[0].explanation
    assert f"no more than chance may explain (p = 0.0682, {corrected}; ratio and test disagree" in found[1].explanation


def test_where_few_comparisons_are_made_none_is_adjusted() -> None:
    found = pooled(sexes_and_races([[(20, 100), (30, 100)], [(40, 100), (60, 100)]]), 0.0)
    for table in ("sex", "race_ethnicity"):
        (row,) = found[table]
        assert row.holm_p is None
        assert (row.verdict, row.p < 0.05) == ("adverse_indicated", True)
        assert "corrected" not in row.explanation


@given(st.lists(st.lists(st.lists(groups, min_size=2, max_size=2), min_size=3, max_size=3), min_size=1, max_size=4))
def test_the_adjusted_p_is_statsmodels(pools: list[list[list[tuple[int, int]]]]) -> None:
    rows = pooled(sexes_and_races(*pools), 0.0)["intersectional"]
    place = {f"{sex}, {race}": (i, j) for i, sex in enumerate("abc") for j, race in enumerate("xy")}
    raw = []
    for row in rows:
        (a, n1), (c, n2) = (
            np.array([pool[i][j] for pool in pools]).T for i, j in (place[row.category], place[row.reference])
        )
        if all(m in (0, n) for m, n in zip(a + c, n1 + n2, strict=True)):
            assert (row.p, row.holm_p, row.verdict) == (None, None, "insufficient_data")
            continue
        table = StratifiedTable(np.array([[a, n1 - a], [c, n2 - c]], dtype=float))
        with np.errstate(all="ignore"):
            raw.append((row, table.test_null_odds(correction=False).pvalue))
    if raw:
        expected = multipletests([p for _, p in raw], method="holm")[1]
        assert [row.holm_p for row, _ in raw] == pytest.approx(expected, rel=1e-6, abs=1e-12)


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

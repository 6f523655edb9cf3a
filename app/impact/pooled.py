"""Decision pools: the same comparison within each pool, and pooled over all of them.

Whoever decides in different pools (departments, cycles) can select both groups alike in each and still select one less
often over all, because it applies where fewer are selected (E. H. Simpson, "The interpretation of interaction in
contingency tables", Journal of the Royal Statistical Society B 13, 1951). In pool i a of n₁ are selected, c of the
reference's n₂, m = a + c, N = n₁ + n₂, b = n₁ − a, d = n₂ − c:

    ratio        Σ a·n₂/N / Σ c·n₁/N                                   Mantel-Haenszel, of rates
    odds ratio   Σ a·d/N / Σ b·c/N                                     Mantel and Haenszel 1959
    test         (Σ a − Σ n₁m/N)² / Σ n₁n₂m(N − m)/(N²(N − 1))         χ² of one degree of freedom, no correction
    homogeneity  Σ (a − E)²/V − (Σ a − Σ E)²/Σ V                       Breslow and Day 1980, with Tarone's correction
                 (1985); χ² of one degree fewer than there are pools. E is what a would be with the margins of the pool
                 and the pooled odds ratio, 1/V = 1/E + 1/(n₁ − E) + 1/(m − E) + 1/(n₂ − m + E)
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from app.impact.tables import reference_of
from app.impact.tally import Counts, Tally, categories
from app.impact.two_groups import LEVEL, Comparison, compare
from app.impact.verdicts import Verdict, of_ratio_and_test
from app.network.parameters import Array


@dataclass(frozen=True, eq=False)
class Strata:
    """The pools (k,) in which both groups occur: a of n1 selected, and c of the reference's n2."""

    a: Array
    n1: Array
    c: Array
    n2: Array

    @classmethod
    def of(cls, a: Counts, n1: Counts, c: Counts, n2: Counts) -> Strata:
        """From the counts of all pools."""
        both = (n1 > 0) & (n2 > 0)
        return cls(*(numbers[both].astype(np.float64) for numbers in (a, n1, c, n2)))

    def numbers(self) -> tuple[Array, Array, Array, Array, Array]:
        """These four, and N."""
        return self.a, self.n1, self.c, self.n2, self.n1 + self.n2


@dataclass(frozen=True)
class Pooled:
    """A category beside its reference, over all pools; what no pool can tell is None."""

    category: str
    reference: str
    crude_ratio: float
    ratio: float | None
    odds_ratio: float | None
    p: float | None
    homogeneity_p: float | None
    verdict: Verdict
    pooling_reverses: bool
    explanation: str


def pooled(pools: Sequence[Tally], exclude_below: float) -> dict[str, list[Pooled]]:
    """The three tables' categories over the pools, each beside the category with the highest rate over all."""
    n, selected = [categories(pool.n) for pool in pools], [categories(pool.selected) for pool in pools]
    fewest = exclude_below * sum(int(pool.n.sum()) for pool in pools)
    return {
        name: _table(labels, np.array([of[name] for of in n]), np.array([of[name] for of in selected]), fewest)
        for name, labels in pools[0].labels.items()
    }


def _table(labels: Sequence[str], n: Counts, selected: Counts, fewest: float) -> list[Pooled]:
    """Of counts (pools, categories)."""
    total, chosen = n.sum(axis=0).tolist(), selected.sum(axis=0).tolist()
    compared = [i for i in range(len(labels)) if total[i] and total[i] >= fewest]
    compared.sort(key=lambda i: sorted(zip(n[:, i].tolist(), selected[:, i].tolist(), strict=True)))
    best = reference_of(total, chosen, compared)  # of equal ones not the one whose label comes first
    if best is None:
        return []
    return [
        _beside(
            labels[i],
            labels[best],
            compare(chosen[i], total[i], chosen[best], total[best]),
            Strata.of(selected[:, i], n[:, i], selected[:, best], n[:, best]),
        )
        for i in sorted(compared)
        if i != best
    ]


def _beside(category: str, reference: str, crude: Comparison, strata: Strata) -> Pooled:
    ratio, odds_ratio = mantel_haenszel(strata)
    p = association(strata)
    reverses = ratio is not None and ratio > 1.0 and crude.ratio < 1.0
    verdict: Verdict = "insufficient_data" if ratio is None or p is None else of_ratio_and_test(ratio, p)
    return Pooled(
        category,
        reference,
        crude.ratio,
        ratio,
        odds_ratio,
        p,
        homogeneity(strata, odds_ratio),
        verdict,
        reverses,
        _explanation(reference, crude.ratio, ratio, p) + _SAYS.get(verdict, "") + (_SIMPSON if reverses else "") + ".",
    )


def mantel_haenszel(strata: Strata) -> tuple[float | None, float | None]:
    """Pooled ratio of rates, and pooled odds ratio; None where nothing stands below the line."""
    a, n1, c, n2, N = strata.numbers()
    above, below = (a * n2 / N).sum(), (c * n1 / N).sum()
    odds, against = (a * (n2 - c) / N).sum(), ((n1 - a) * c / N).sum()
    return float(above / below) if below > 0 else None, float(odds / against) if against > 0 else None


def association(strata: Strata) -> float | None:
    """The Mantel-Haenszel test's p; None where in no pool somebody is selected and somebody not."""
    a, n1, c, n2, N = strata.numbers()
    m = a + c
    V = float((n1 * n2 * m * (N - m) / (N**2 * np.maximum(N - 1.0, 1.0))).sum())
    return None if V == 0 else chi_square_tail(float((a - n1 * m / N).sum()) ** 2 / V, 1)


def homogeneity(strata: Strata, odds_ratio: float | None) -> float | None:
    """The Breslow-Day-Tarone p: that the odds ratio is the same in all pools. None with fewer than two pools that can
    tell, or a pooled odds ratio of 0 or without bound.
    """
    a, n1, c, n2, N = strata.numbers()
    tells = (a + c > 0) & (a + c < N)
    a, n1, n2, m = a[tells], n1[tells], n2[tells], (a + c)[tells]
    if len(a) < 2 or not odds_ratio:
        return None
    E = _expected(n1, n2, m, odds_ratio)
    V = 1.0 / (1.0 / E + 1.0 / (n1 - E) + 1.0 / (m - E) + 1.0 / (n2 - m + E))
    statistic = ((a - E) ** 2 / V).sum() - (a.sum() - E.sum()) ** 2 / V.sum()
    return chi_square_tail(max(0.0, float(statistic)), len(a) - 1)


def _expected(n1: Array, n2: Array, m: Array, odds_ratio: float) -> Array:
    """E of each pool: E·(n₂ − m + E) = ψ·(n₁ − E)(m − E), the root between max(0, m − n₂) and min(n₁, m).

    (ψ − 1)E² − (ψ(n₁ + m) + n₂ − m)E + ψn₁m = 0, in the form that does not cancel and holds for ψ = 1 as well.
    """
    linear = odds_ratio * (n1 + m) + n2 - m
    root = np.sqrt(linear**2 - 4.0 * (odds_ratio - 1.0) * odds_ratio * n1 * m)
    expected: Array = 2.0 * odds_ratio * n1 * m / (linear + root)
    return expected


def chi_square_tail(x: float, degrees: int) -> float:
    """P(χ² > x) for whole degrees of freedom: a finite sum (Abramowitz and Stegun 1964, 26.4.4 and 26.4.5)."""
    half, odd = 0.5 * x, degrees % 2 == 1
    k = 0.5 if odd else 0.0
    tail = math.erfc(math.sqrt(half)) if odd else 0.0
    term = math.exp(-half) * (math.sqrt(half) / math.gamma(1.5) if odd else 1.0)
    while k < 0.5 * degrees - 0.5 * odd:
        tail += term
        k += 1.0
        term *= half / k
    return min(1.0, tail)


_SAYS = {"conflicting": "; ratio and test disagree, and a person has to look into it"}
_SIMPSON = (
    "; over all decisions this category is selected less often, within the pools more often: it applies where fewer "
    "are selected (Simpson's paradox)"
)


def _explanation(reference: str, crude: float, ratio: float | None, p: float | None) -> str:
    if ratio is None or p is None:
        return f"In no pool can this category be compared with {reference}"
    chance = "more than chance explains" if p < LEVEL else "no more than chance may explain"
    return (
        f"Within the pools the rate is {ratio:.3f} times that of {reference} (over all {crude:.3f}), and the "
        f"difference is {chance} (p = {p:.4f}, Mantel-Haenszel test)"
    )

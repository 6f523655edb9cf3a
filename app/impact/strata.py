"""One category beside its reference in several pools at once.

In pool i a of n₁ are selected, c of the reference's n₂, m = a + c, N = n₁ + n₂, b = n₁ − a, d = n₂ − c:

    ratio        Σ a·n₂/N / Σ c·n₁/N                                   Mantel-Haenszel, of rates
    odds ratio   Σ a·d/N / Σ b·c/N                                     Mantel and Haenszel 1959
    test         (Σ a − Σ n₁m/N)² / Σ n₁n₂m(N − m)/(N²(N − 1))         χ² of one degree of freedom, no correction
    homogeneity  Σ (a − E)²/V − (Σ a − Σ E)²/Σ V                       Breslow and Day 1980, with Tarone's correction
                 (1985); χ² of one degree fewer than there are pools. E is what a would be with the margins of the pool
                 and the pooled odds ratio, 1/V = 1/E + 1/(n₁ − E) + 1/(m − E) + 1/(n₂ − m + E)
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from app.impact.tally import Counts
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

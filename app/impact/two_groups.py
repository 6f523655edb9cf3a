"""One category beside the one that is selected most often: what the difference is, and whether it may be chance.

a of n₁ are selected, and c of the reference's n₂; p̂ = (a + c)/(n₁ + n₂).

    impact ratio     (a/n₁) / (c/n₂)                                        6 RCNY 5-300; 29 CFR 1607.4D, four fifths
    z                (a/n₁ − c/n₂) / √(p̂(1 − p̂)(1/n₁ + 1/n₂))               pooled two-proportion test
    ratio interval   ln ratio ± 1.96·√(1/a − 1/n₁ + 1/c − 1/n₂), each of the four counts + ½ when one of them is 0
                     (Katz et al., "Obtaining confidence intervals for the risk ratio", Biometrics 34, 1978)
    shortfall        n₁·p̂ − a: so many more would have been selected had both had the same rate
    flip             (a + 1)/n₁ > (c − 1)/n₂: one other decision turns it round (UGESP, Questions and Answers, 21)
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist

from app.impact.exact_test import fisher

LEVEL = 0.05
BEYOND = 1.96
"""Of z, at that level; the Supreme Court spoke of "two or three standard deviations" (Hazelwood, 1977), hence 2."""
BEYOND_TWO = 2.0
_QUANTILE = NormalDist().inv_cdf(1.0 - 0.5 * LEVEL)
_FEW, _FEW_EXPECTED = 30, 5.0
"""With fewer people, or fewer expected in one of the four cells, the normal approximation is not to be trusted."""


@dataclass(frozen=True)
class Comparison:
    """p is that of `test`, "z" or "fisher"; z is None where nobody is selected or everybody is, p̂ being 0 or 1."""

    ratio: float
    z: float | None
    fisher_p: float
    mid_p: float
    test: str
    p: float
    ratio_interval: tuple[float, float]
    shortfall: float
    one_person_flips: bool


def compare(a: int, n1: int, c: int, n2: int) -> Comparison:
    """Of n1 ≥ 1 people a are selected, of the reference's n2 there are c > 0."""
    n, m = n1 + n2, a + c
    fisher_p, mid_p = fisher(a, n1, c, n2)
    z = None
    if m < n:
        share = m / n
        z = (a / n1 - c / n2) / math.sqrt(share * (1.0 - share) * (1.0 / n1 + 1.0 / n2))
    exact = n < _FEW or min(m, n - m) * min(n1, n2) < _FEW_EXPECTED * n or z is None
    return Comparison(
        ratio=(a * n2) / (n1 * c),
        z=z,
        fisher_p=fisher_p,
        mid_p=mid_p,
        test="fisher" if exact else "z",
        p=fisher_p if exact or z is None else math.erfc(abs(z) / math.sqrt(2.0)),
        ratio_interval=_ratio_interval(a, n1 - a, c, n2 - c),
        shortfall=(n1 * c - n2 * a) / n,  # n₁(a + c)/n − a
        one_person_flips=(a + 1) * n2 > (c - 1) * n1,
    )


def _ratio_interval(*counts: float) -> tuple[float, float]:
    """Of selected and not selected, of both."""
    a, b, c, d = (count + 0.5 for count in counts) if 0 in counts else counts
    ratio = math.log(a / (a + b)) - math.log(c / (c + d))
    reach = _QUANTILE * math.sqrt(1.0 / a - 1.0 / (a + b) + 1.0 / c - 1.0 / (c + d))
    return math.exp(ratio - reach), math.exp(ratio + reach)

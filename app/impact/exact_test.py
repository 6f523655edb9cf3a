"""Fisher's exact test of two groups, and its mid-p.

With the margins of the table fixed, the number selected of the first group is hypergeometric under equal chances:

    P(k) = C(n₁, k)·C(n₂, m − k) / C(n₁ + n₂, m),   P(k+1)/P(k) = (n₁ − k)(m − k) / ((k + 1)(n₂ − m + k + 1))

Fisher's two-sided p is the probability of all tables no likelier than the one that was seen (as in R and SciPy); mid-p
is twice the smaller tail, what was seen counted half (Lancaster, "Significance tests in discrete distributions",
Journal of the American Statistical Association 56, 1961), at most 1.
"""

from __future__ import annotations

import math

import numpy as np

from app.network.parameters import Array

# Tables whose probabilities differ by rounding alone are equally likely; R's and SciPy's tolerance.
_EQUALLY = 1.0 + 1e-7
_REACH = 60.0


def fisher(a: int, n1: int, c: int, n2: int) -> tuple[float, float]:
    """Two-sided p and mid-p for a of n1 selected and c of n2; both n ≥ 1."""
    lowest, probability = _hypergeometric(n1, n2, a + c)
    if not 0 <= a - lowest < len(probability):
        return 0.0, 0.0
    seen = probability[a - lowest]
    two_sided = float(probability[probability <= seen * _EQUALLY].sum())
    below, above = probability[: a - lowest].sum(), probability[a - lowest + 1 :].sum()
    return min(two_sided, 1.0), min(2.0 * float(min(below, above) + 0.5 * seen), 1.0)


def _hypergeometric(n1: int, n2: int, m: int) -> tuple[int, Array]:
    """The least k, and P of it and of all that follow: from the likeliest outwards, so that nothing overflows. Those
    that are farther from it than _REACH standard deviations have no probability that a double could hold.
    """
    N = n1 + n2
    likeliest = (n1 + 1) * (m + 1) // (N + 2)
    reach = 100 + int(_REACH * math.sqrt(n1 / N * n2 / N * m * ((N - m) / N)))
    lowest, highest = max(0, m - n2, likeliest - reach), min(n1, m, likeliest + reach)
    k = np.arange(lowest, highest, dtype=np.float64)
    step = (n1 - k) * (m - k) / ((k + 1.0) * (n2 - m + k + 1.0))
    rising = int(np.count_nonzero(step >= 1.0))  # the steps fall: the likeliest is behind all that are at least 1
    up, down = np.cumprod(step[rising:]), np.cumprod(1.0 / step[:rising][::-1])[::-1]
    weight = np.concatenate([down, [1.0], up])
    return lowest, weight / weight.sum()

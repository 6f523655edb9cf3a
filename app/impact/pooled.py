"""Decision pools: the same comparison within each pool, and pooled over all of them.

Whoever decides in different pools (departments, cycles) can select both groups alike in each and still select one less
often over all, because it applies where fewer are selected (E. H. Simpson, "The interpretation of interaction in
contingency tables", Journal of the Royal Statistical Society B 13, 1951). strata.py has the equations.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from app.impact.strata import Strata, association, homogeneity, mantel_haenszel
from app.impact.tables import MANY, holm, reference_of
from app.impact.tally import Counts, Tally, categories
from app.impact.two_groups import Comparison, compare
from app.impact.verdicts import Verdict, of_ratio_and_test, result_of


@dataclass(frozen=True)
class Pooled:
    """A category beside its reference, over all pools; what no pool can tell is None."""

    category: str
    reference: str
    crude_ratio: float
    ratio: float | None
    odds_ratio: float | None
    p: float | None
    holm_p: float | None
    homogeneity_p: float | None
    verdict: Verdict
    pooling_reverses: bool
    explanation: str


def pooled(pools: Sequence[Tally], exclude_below: float) -> dict[str, list[Pooled]]:
    """The three tables' categories over the pools, each beside the category with the highest rate over all."""
    n, selected = [categories(pool.n) for pool in pools], [categories(pool.selected) for pool in pools]
    fewest = exclude_below * sum(int(pool.n.sum()) for pool in pools)
    return {
        name: _table(
            labels,
            np.array([of[name] for of in n]),
            np.array([of[name] for of in selected]),
            fewest,
            many=name == MANY,
        )
        for name, labels in pools[0].labels.items()
    }


def _table(labels: Sequence[str], n: Counts, selected: Counts, fewest: float, many: bool) -> list[Pooled]:
    """Of counts (pools, categories)."""
    total, chosen = n.sum(axis=0).tolist(), selected.sum(axis=0).tolist()
    compared = [i for i in range(len(labels)) if total[i] and total[i] >= fewest]
    compared.sort(key=lambda i: sorted(zip(n[:, i].tolist(), selected[:, i].tolist(), strict=True)))
    best = reference_of(total, chosen, compared)  # of equal ones not the one whose label comes first
    if best is None:
        return []
    strata = {
        i: Strata.of(selected[:, i], n[:, i], selected[:, best], n[:, best]) for i in sorted(compared) if i != best
    }
    p = {i: association(of) for i, of in strata.items()}
    adjusted = holm(p) if many else {}
    return [
        _beside(
            labels[i],
            labels[best],
            compare(chosen[i], total[i], chosen[best], total[best]),
            of,
            p=p[i],
            holm_p=adjusted.get(i),
        )
        for i, of in strata.items()
    ]


def _beside(
    category: str, reference: str, crude: Comparison, strata: Strata, *, p: float | None, holm_p: float | None
) -> Pooled:
    ratio, odds_ratio = mantel_haenszel(strata)
    reverses = ratio is not None and ratio > 1.0 and crude.ratio < 1.0
    decisive = p if holm_p is None else holm_p
    verdict: Verdict = "insufficient_data"
    says = f"In no pool can this category be compared with {reference}"
    if ratio is not None and decisive is not None:
        verdict = of_ratio_and_test(ratio, decisive)
        tested = result_of(decisive, "Mantel-Haenszel test", holm_p is not None)
        says = (
            f"Within the pools the rate is {ratio:.3f} times that of {reference} (over all {crude.ratio:.3f}), and "
            f"{tested}"
        )
    return Pooled(
        category,
        reference,
        crude.ratio,
        ratio,
        odds_ratio,
        p,
        holm_p,
        homogeneity(strata, odds_ratio),
        verdict,
        reverses,
        says + _SAYS.get(verdict, "") + (_SIMPSON if reverses else "") + ".",
    )


_SAYS = {"conflicting": "; ratio and test disagree, and a person has to look into it"}
_SIMPSON = (
    "; over all decisions this category is selected less often, within the pools more often: it applies where fewer "
    "are selected (Simpson's paradox)"
)

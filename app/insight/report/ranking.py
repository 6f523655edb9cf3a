"""How well scores put those who were promoted first: area under the ROC curve, average precision."""

from __future__ import annotations

import numpy as np

from app.insight.report.cross_validation import Folds
from app.insight.report.estimates import Estimate, estimate, missing, score_interval, wilson
from app.network.parameters import Array, Mask

_ALONE = (
    "leave-one-out scores every row by another model, whose base rate leans against that row, "
    "so that ranks across rows would mislead"
)


def roc_auc(z: Array, targets: Array, folds: Folds) -> Estimate:
    """The share of pairs, one promoted and one not, in which the promoted has the higher score; ties count half.

    z (r, n) out of fold, targets (n,) of both kinds. Only pairs that one model scored: a fold with more promoted leaves
    fewer to its training, so that scores of different folds are out of line in the wrong direction (B. J. Parker,
    S. Günter, J. Bedo, BMC Bioinformatics 8 (2007) 326); without signal the area over all pairs would lie below ½.

    Interval: R. G. Newcombe, Statistics in Medicine 25 (2006) 559, method 5, from the area A and the class sizes alone:

        variance(A) = A(1 − A)·[1 + N(1 − A)/(2 − A) + N·A/(1 + A)] / (n₁n₀),   N = (n₁ + n₀)/2 − 1
    """
    if folds.leave_one_out:
        return missing(_ALONE)
    won = pairs = 0.0
    for row, number in zip(z, folds.number, strict=True):
        for fold in range(folds.count):
            part = number == fold
            one, other = _concordance(row[part], targets[part] == 1)
            won, pairs = won + one, pairs + other
    if not pairs:
        return missing("no model scored both a promoted row and another")
    promoted = float(targets.sum())
    n = promoted * (len(targets) - promoted)
    half = len(targets) / 2 - 1

    def variance(area: float) -> float:
        return area * (1 - area) * (1 + half * (1 - area) / (2 - area) + half * area / (1 + area)) / n

    return estimate(won / pairs, *score_interval(won / pairs, variance))


def _concordance(z: Array, promoted: Mask) -> tuple[float, float]:
    """In how many pairs the promoted wins (a tie is half a win), and how many pairs there are."""
    others = np.sort(z[~promoted])
    below = np.searchsorted(others, z[promoted], side="left").sum()
    upto = np.searchsorted(others, z[promoted], side="right").sum()
    return 0.5 * float(below + upto), float(np.count_nonzero(promoted)) * len(others)


def average_precision(z: Array, targets: Array, folds: Folds) -> Estimate:
    """Σ (Rₖ − Rₖ₋₁)·Pₖ over the thresholds from the highest score down: recall R, precision P; 1 is perfect.

    z (r, n) out of fold, over all folds together (within a fold of few rows it would lean towards 1), the mean over the
    repeats. Who ranks at random reaches the share of promoted. Interval: the binomial one with the promoted rows as
    trials (K. Boyd, K. H. Eng, C. D. Page, ECML PKDD 2013, 451), in Wilson's form.
    """
    if folds.leave_one_out:
        return missing(_ALONE)
    value = float(np.mean([_average_precision(row, targets) for row in z]))
    promoted = float(targets.sum())
    return estimate(value, *wilson(value * promoted, promoted))


def _average_precision(z: Array, targets: Array) -> float:
    order = np.argsort(-z, kind="stable")
    last = np.append(np.diff(z[order]) < 0, True)  # equal scores are selected together
    found = np.cumsum(targets[order])[last]
    precision = found / (np.flatnonzero(last) + 1)
    return float(np.diff(found, prepend=0.0) @ precision / found[-1])

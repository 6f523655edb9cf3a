"""How good scores out of fold are: log loss, Brier score, ranking, and decisions at the threshold.

z (r, n) are logits out of fold, r times for each of n rows (see cross_validation.py); targets (n,) 0 or 1. A row counts
once, with the mean over its r scores: the rows are independent, the scores of one row are not.
"""

from __future__ import annotations

import math

import numpy as np

from app.insight.report.cross_validation import Folds
from app.insight.report.estimates import Estimate, estimate, mean, missing, proportion, t, wilson
from app.insight.report.ranking import average_precision, roc_auc
from app.network.forward import probability
from app.network.parameters import Array

Confusion = dict[str, int | float]


def measures(z: Array, targets: Array, folds: Folds, threshold: float) -> dict[str, Estimate]:
    """All that can be said of one model without another."""
    found = {
        "log_loss": mean(log_losses(z, targets), least=0.0),
        "brier": mean(brier_scores(z, targets), least=0.0),
        "roc_auc": roc_auc(z, targets, folds),
        "average_precision": average_precision(z, targets, folds),
    }
    return found | decisions(confusion(z, targets, threshold))


def log_losses(z: Array, targets: Array) -> Array:
    """−y ln ŷ − (1 − y) ln(1 − ŷ) = ln(1 + e^z) − yz of each row, in nats: (n,)."""
    losses: Array = (np.logaddexp(0.0, z) - targets * z).mean(axis=0)
    return losses


def brier_scores(z: Array, targets: Array) -> Array:
    """(ŷ − y)² of each row: (n,). G. W. Brier, Monthly Weather Review 78 (1950) 1."""
    scores: Array = ((probability(z) - targets) ** 2).mean(axis=0)
    return scores


def brier_skill(scores: Array, reference: Array) -> Estimate:
    """1 − B/B₀ of Brier scores (n,) against those of a reference (n,): 1 is perfect, 0 no better than it.

    Interval: the ratio's by linearisation (the delta method), ± t·s/√n of its contributions (B_r − (B/B₀)·B₀_r)/B₀.
    """
    base = float(reference.mean())
    if not base:
        return missing("the base rate makes no error")
    ratio, n = float(scores.mean()) / base, len(scores)
    half = t(n - 1) * float(np.std(scores - ratio * reference, ddof=1)) / (base * math.sqrt(n))
    return estimate(1 - ratio, 1 - ratio - half, min(1.0, 1 - ratio + half))


def confusion(z: Array, targets: Array, threshold: float) -> Confusion:
    """How many rows are selected (ŷ ≥ threshold) and how many were promoted; over several repeats the mean number."""
    selected, promoted = probability(z) >= threshold, targets == 1
    cells = {
        "true_positive": selected & promoted,
        "false_positive": selected & ~promoted,
        "true_negative": ~selected & ~promoted,
        "false_negative": ~selected & promoted,
    }
    return {name: per_repeat(int(np.count_nonzero(cell)), len(z)) for name, cell in cells.items()}


def per_repeat(count: int, repeats: int) -> int | float:
    """A count over all repeats as one of rows: whole wherever it can be."""
    return count // repeats if count % repeats == 0 else count / repeats


def decisions(counts: Confusion) -> dict[str, Estimate]:
    """Accuracy, precision, recall and F1 with Wilson's intervals.

    F1 = 2q/(1 + q) grows with q = TP/(TP + FP + FN), the share of right decisions among the rows that were selected, or
    promoted, or both: q's interval gives F1's (D. J. Hand, P. Christen, N. Kirielle, Machine Learning 110 (2021) 451).
    """
    right, refused = counts["true_positive"], counts["true_negative"]
    wrong, missed = counts["false_positive"], counts["false_negative"]
    concerned = right + wrong + missed
    q = [right / concerned, *wilson(right, concerned)] if concerned else []
    return {
        "accuracy": proportion(right + refused, concerned + refused, "no rows"),
        "precision": proportion(right, right + wrong, "nobody is selected"),
        "recall": proportion(right, right + missed, "nobody was promoted"),
        "f1": estimate(*(2 * share / (1 + share) for share in q)) if q else missing("nobody selected or promoted"),
    }

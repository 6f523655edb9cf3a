"""Whom a threshold selects, and thresholds that select as many as were promoted, or the right ones best.

A model of rare promotions seldom gives anybody ½: then a threshold of ½ selects nobody, however well the model ranks.
Offered are thresholds, not applied: whom to select is not for the model to say.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from app.insight.report.measures import per_repeat
from app.network.forward import probability
from app.network.parameters import Array


def selection(z: Array, targets: Array, threshold: float) -> dict[str, Any]:
    """The section of the report; z (r, n) logits out of fold, targets (n,)."""
    p, n = probability(z), len(targets)
    selected = per_repeat(int(np.count_nonzero(p >= threshold)), len(p))
    share, offered = float(targets.mean()), _offered(p, targets)
    statement = None
    if selected in {0, n}:
        whom = "everybody" if selected else "nobody"
        statement = f"In cross-validation the threshold {threshold:g} selects {whom}: it tells no two employees apart."
        if offered["threshold_for_historical_share"] is not None:
            as_many, best = (f"{offered[f'threshold_for_{name}']:.4g}" for name in ("historical_share", "best_f1"))
            statement += (
                f" {as_many} would select about as many as were promoted ({100 * share:.3g} %), "
                f"{best} would give the best F1. Neither is applied."
            )
    return {"selected": selected, "statement": statement, "historical_share": share} | offered


def _offered(p: Array, targets: Array) -> dict[str, Any]:
    """Both thresholds for probabilities (r, n); each lies halfway between two scores, so that rounding moves nobody."""
    rows, y = p.ravel(), np.tile(targets, len(p))
    order = np.argsort(-rows, kind="stable")
    scores = rows[order]
    last = np.append(np.diff(scores) < 0, True)  # equal scores are selected together
    if np.count_nonzero(last) == 1:
        why = "all scores out of fold are equal"
        return {"threshold_for_historical_share": None, "threshold_for_best_f1": None, "reason": why}
    chosen = np.flatnonzero(last) + 1  # how many each threshold selects
    right = np.cumsum(y[order])[last]
    distinct = scores[last]
    below = np.append(distinct[1:], 0.0)
    halfway = np.where(distinct > below, np.maximum(0.5 * (distinct + below), np.nextafter(below, 1.0)), distinct)
    f1 = 2 * right / (chosen + y.sum())
    return {
        "threshold_for_historical_share": float(halfway[np.argmin(np.abs(chosen - y.sum()))]),
        "threshold_for_best_f1": float(halfway[np.argmax(f1)]),
    }

"""How well a model can be expected to score employees whom it has not seen: three sections of its report."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from typing import Any

import numpy as np

from app.insight.report import selection
from app.insight.report.added_value import difference, simplest_as_good, statement
from app.insight.report.baselines import BASE_RATE, baselines
from app.insight.report.calibration import calibration
from app.insight.report.cross_validation import Folds, Procedure, deal, held_out
from app.insight.report.estimates import missing
from app.insight.report.measures import brier_scores, brier_skill, confusion, log_losses, measures
from app.network.options import FitOptions
from app.network.parameters import Array
from app.network.progress import within

Report = dict[str, Any]

_NETWORK = 0.9
"""The network's share of the work, roughly; the baselines are convex."""


def performance(
    inputs: Array, targets: Array, options: FitOptions, threshold: float, input_names: Sequence[str]
) -> Generator[float, None, Report]:
    """The sections "performance", "selection" and "calibration", ready for JSON; yields the share done.

    inputs (n, d) in raw units and targets (n,) of 0 and 1, such that `fit` takes them; promoted is who scores at least
    the threshold. Rows are put in an order of their own first: the order in which they come changes nothing.
    """
    y = np.asarray(targets, dtype=np.float64)
    if min(y.sum(), len(y) - y.sum()) < 2:
        return _impossible(y, threshold)
    order = np.lexsort((*inputs.T, y))
    inputs, y = inputs[order], y[order]
    folds = deal(y, options.seed)
    network = Procedure(options.network, range(len(input_names)), options)
    simpler = baselines(options, input_names)
    z = {}
    for i, procedure in enumerate((network, *simpler)):
        share = _NETWORK if procedure is network else (1.0 - _NETWORK) / len(simpler)
        before = _NETWORK + (i - 1) * share if i else 0.0
        run = held_out(procedure, inputs, y, folds)
        z[procedure.name] = yield from within(run, before, share)
    once = z[network.name][0]
    return {
        "performance": _performance(network.name, z, y, folds, threshold),
        "selection": selection.selection(z[network.name], y, threshold),
        "calibration": calibration(once, y),
    }


def _performance(network: str, z: dict[str, Array], y: Array, folds: Folds, threshold: float) -> Report:
    """The first section, from the logits (r, n) of the network and of every baseline, out of fold."""
    losses = {name: log_losses(of, y) for name, of in z.items()}
    brier = {name: brier_scores(of, y) for name, of in z.items()}
    reference = brier[BASE_RATE]

    def found(name: str) -> Report:
        return measures(z[name], y, folds, threshold) | {"brier_skill": brier_skill(brier[name], reference)}

    return {
        **_asked(y, threshold),
        "folds": folds.count,
        "repeats": folds.repeats,
        "scheme": folds.scheme,
        "metrics": found(network) | {"brier_reference": float(reference.mean())},
        "confusion": confusion(z[network], y, threshold),
        "baselines": [
            {"name": name, **found(name), "difference": difference(losses[network], losses[name])}
            for name in z
            if name != network
        ],
        "simplest_as_good": simplest_as_good(network, losses),
        "statement": statement(network, losses),
    }


def _asked(y: Array, threshold: float) -> Report:
    return {"rows": len(y), "promoted": int(y.sum()), "threshold": float(threshold)}


def _impossible(y: Array, threshold: float) -> Report:
    """The sections where one of the decisions occurs once: whoever is held out, the others must show both."""
    reason = "cross-validation needs at least two of each decision"
    nothing = dict.fromkeys(("folds", "repeats", "scheme", "metrics", "confusion"))
    neither = {"threshold_for_historical_share": None, "threshold_for_best_f1": None}
    return {
        "performance": {
            **_asked(y, threshold),
            **nothing,
            "baselines": [],
            "simplest_as_good": None,
            "statement": None,
            "reason": reason,
        },
        "selection": {
            "selected": None,
            "statement": None,
            "historical_share": float(y.mean()),
            **neither,
            "reason": reason,
        },
        "calibration": {
            "bins": [],
            "ece": None,
            "ece_expected": None,
            "slope": missing(reason),
            "intercept": missing(reason),
            "reason": reason,
        },
    }

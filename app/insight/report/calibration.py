"""Whether a probability means what it says: of those who were given 30 %, were three in ten promoted?

z (n,) are logits out of fold, targets (n,) 0 or 1: each row once, also where it was scored several times.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np

from app.insight.report.estimates import Estimate, Z, estimate, missing, wilson
from app.insight.report.poisson_binomial import mean_absolute_deviation
from app.network.fit import fit
from app.network.forward import logit, probability
from app.network.options import FitOptions
from app.network.parameters import Array
from app.network.progress import result_of

_MOST_BINS = 10

_ROWS_A_BIN = 10
"""Fewer rows than this in a bin show nothing."""

_LARGEST = 1e6
"""A logit beyond it comes of a training that ran away."""


def calibration(z: Array, targets: Array) -> dict[str, Any]:
    """The section of the report.

    bins          of equal count; observed, with Wilson's interval, is the share of promoted
    ece           expected calibration error Σ_b n_b/n·|mean probability − observed| (M. P. Naeini, G. F. Cooper,
                  M. Hauskrecht, AAAI 2015), of these bins
    ece_expected  what a perfectly calibrated model would have on average, by chance alone: Σ_b E|Σ(y − ŷ)|/n for
                  y ~ Bernoulli(ŷ); an ece of that size says nothing against the model
    slope, intercept   see recalibration
    """
    order = np.argsort(z, kind="stable")
    z, y = z[order], targets[order]
    p, n = probability(z), len(z)
    bins, error, chance = [], 0.0, 0.0
    for part in _equal_counts(p):
        rows, size, promoted = p[part], part.stop - part.start, float(y[part].sum())
        error += abs(float(rows.sum()) - promoted) / n
        chance += mean_absolute_deviation(rows) / n
        low, high = wilson(promoted, size)
        bins.append(
            {
                "low": float(rows[0]),
                "high": float(rows[-1]),
                "n": size,
                "mean_probability": float(rows.mean()),
                "observed": promoted / size,
                "observed_low": low,
                "observed_high": high,
            }
        )
    slope, intercept = recalibration(z, y)
    return {"bins": bins, "ece": error, "ece_expected": chance, "slope": slope, "intercept": intercept}


def _equal_counts(p: Array) -> list[slice]:
    """Bins of ascending p (n,), as equal as equal values allow, which stay together (in the bin above)."""
    n = len(p)
    bins = min(_MOST_BINS, max(1, n // _ROWS_A_BIN))
    cuts = np.searchsorted(p, p[np.arange(bins) * n // bins])
    edges = np.unique(np.append(cuts, n))
    return [slice(int(first), int(last)) for first, last in pairwise(edges)]


def recalibration(z: Array, targets: Array) -> tuple[Estimate, Estimate]:
    """Slope β and intercept α of the logistic regression of the targets on the logits, logit P(y = 1) = α + βz.

    1 and 0 are perfect; a slope below 1 says that the scores are too extreme, above 1 too timid (D. R. Cox, Biometrika
    45 (1958) 562). Unpenalised maximum likelihood; Wald intervals from the information matrix.
    """
    promoted, others = z[targets == 1], z[targets == 0]
    if z.min() == z.max():
        return _neither("all scores out of fold are equal")
    if not np.abs(z).max() <= _LARGEST:
        return _neither("a training ran away in cross-validation")
    if others.max() <= promoted.min() or promoted.max() <= others.min():
        return _neither("the scores separate the decisions perfectly, so that no finite slope fits best")
    run = fit(z[:, None], targets, FitOptions(network="single_neuron", alpha=0.0))
    neuron = result_of(run).parameters
    slope, intercept = float(neuron.output[0]), neuron.output_bias
    p = probability(logit(neuron, z[:, None]))
    weight = p * (1.0 - p)
    # The inverse of Σ w·[1, z]ᵀ[1, z], around the weighted mean of z.
    total = float(weight.sum())
    centre = float(weight @ z) / total
    variance = 1.0 / float(weight @ (z - centre) ** 2)
    of_slope, of_intercept = Z * variance**0.5, Z * (1.0 / total + centre**2 * variance) ** 0.5
    return (
        estimate(slope, slope - of_slope, slope + of_slope),
        estimate(intercept, intercept - of_intercept, intercept + of_intercept),
    )


def _neither(reason: str) -> tuple[Estimate, Estimate]:
    return missing(reason), missing(reason)

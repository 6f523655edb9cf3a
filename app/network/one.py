"""One row, in Python's own floats: the bits of forward.py, several times faster.

Most requests score one employee, and there NumPy's cost is not arithmetic but twenty calls. Python's floats add and
multiply exactly as NumPy's do. The exponential is NumPy's own, because that of the C library may differ in a bit.
"""

from __future__ import annotations

import numpy as np

from app.network.parameters import Parameters

LARGEST = 709.0
"""exp(709.78…) is the largest double; exp(−709) is 1.2e−308, which is where σ stops falling."""


def score_one(parameters: Parameters, x: list[float]) -> float:
    """ŷ of one row, inputs (d,) in raw units, equal bit for bit to `score`."""
    return probability_one(logit_one(parameters, x))


def logit_one(parameters: Parameters, x: list[float]) -> float:
    """The z of one row, inputs (d,) in raw units, equal bit for bit to `logit`."""
    hidden, output, output_bias = parameters.as_floats
    terms = [probability_one(_in_order(weights, x) + b) for weights, b in hidden] or x
    return _in_order(output, terms) + output_bias


def probability_one(logit: float) -> float:
    """σ(z), equal bit for bit to `probability`."""
    return 1.0 / (float(np.exp(LARGEST if -logit > LARGEST else -logit)) + 1.0)


def _in_order(weights: list[float], terms: list[float]) -> float:
    """Σₖ weights[k]·terms[k], added in the order of k."""
    total = terms[0] * weights[0]
    for k in range(1, len(weights)):
        total += terms[k] * weights[k]
    return total

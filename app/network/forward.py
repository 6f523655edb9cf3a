"""From inputs to logit, and from logit to probability.

    zₖ = Σᵢ wᵢₖxᵢ + bₖ,   aₖ = σ(zₖ),   z = Σₖ wₖaₖ + b,   ŷ = σ(z)

Every product and sum is elementwise and in a fixed order, without BLAS: BLAS chooses its kernel by the number of
rows, so that a person scored alone and in a batch could get probabilities that differ in the last bit. Here they
are equal bit for bit.
"""

from __future__ import annotations

import numpy as np

from app.network.one import LARGEST, score_one
from app.network.parameters import Array, Parameters

CHUNK_ROWS = 16384
"""Rows scored at a time: with two hidden units three temporaries of (h, 16384) doubles fit into an L2 cache of 1 MiB.
"""

_ONE = np.array(1.0)


def probability(logit: Array) -> Array:
    """σ(z) = 1/(1 + e⁻ᶻ) for any shape; relative error a few 1e-16 on both sides, no overflow for any finite z.

    The exponent stops at 709: below z = −709 the answer stays at 1.2e-308 where it would go on to 0.
    """
    return _sigmoid_of_negated(np.negative(logit))


def _sigmoid_of_negated(negated: Array) -> Array:
    """σ(z) in the place of −z."""
    if negated.max(initial=0.0) > LARGEST:  # to ask costs a quarter of doing it always
        np.minimum(negated, LARGEST, out=negated)
    np.exp(negated, negated)
    np.add(negated, _ONE, negated)
    np.divide(_ONE, negated, negated)
    return negated


def score(parameters: Parameters, inputs: Array) -> Array:
    """The probability ŷ of every row: inputs (n, d) in raw units -> (n,)."""
    if len(inputs) == 1:
        return np.array([score_one(parameters, inputs[0].tolist())])
    z = logit(parameters, inputs)
    return _sigmoid_of_negated(np.negative(z, z))


def logit(parameters: Parameters, inputs: Array) -> Array:
    """The z of every row: inputs (n, d) in raw units -> (n,)."""
    n = len(inputs)
    if n <= CHUNK_ROWS:
        return _chunk_logit(parameters, inputs.T)
    z = np.empty(n)
    for first in range(0, n, CHUNK_ROWS):
        z[first : first + CHUNK_ROWS] = _chunk_logit(parameters, inputs[first : first + CHUNK_ROWS].T)
    return z


def _chunk_logit(parameters: Parameters, X: Array) -> Array:
    """The z (m,) of the rows that stand as columns in X (d, m)."""
    if parameters.hidden is None or parameters.hidden_bias is None:
        return _weighted_sum(parameters.output, X, parameters.output_bias)
    a = activations(parameters.hidden, parameters.hidden_bias, X)  # (h, m)
    return _weighted_sum(parameters.output, a, parameters.output_bias)


def _weighted_sum(weights: Array, terms: Array, bias: float) -> Array:
    """Σₖ weights[k]·terms[k] + bias, added in the order of k: np.sum's order would depend on the number of rows."""
    total: Array = terms[0] * weights[0]
    for k in range(1, len(weights)):
        total += terms[k] * weights[k]
    total += bias
    return total


def activations(hidden: Array, hidden_bias: Array, X: Array) -> Array:
    """aₖ = σ(zₖ) of hidden (d, h), hidden_bias (h,) and rows as columns X (d, m) -> (h, m).

    −zₖ = Σᵢ (−wᵢₖ)xᵢ + (−bₖ) is computed instead of zₖ: equal bit for bit, and the weights are fewer than the rows.
    """
    weights = -hidden
    negated = weights[0][:, None] * X[0]  # (h, m)
    for i in range(1, len(hidden)):
        negated += weights[i][:, None] * X[i]
    negated -= hidden_bias[:, None]
    return _sigmoid_of_negated(negated)

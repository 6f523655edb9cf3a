"""What a score is expected to be when some inputs are an employee's own and the others are the background's.

    v(S) = E_b f(x_S, b_−S)

f is the logit z and, beside it, the probability ŷ. The mean goes over every background point: nothing is sampled. With
σ(z) = ½ + ½tanh(½z), one call that cannot overflow, and c for what does not depend on x,

    ½zₖ = Σ_{i∈S} ½wᵢₖxᵢ + cₖ(b),   cₖ(b) = Σ_{j∉S} ½wⱼₖbⱼ + ½bₖ
    ½z  = Σₖ ¼wₖ·tanh(½zₖ) + ½(b + ½Σₖ wₖ),   ŷ = ½ + ½tanh(½z)

and E z takes no more than the mean of each tanh(½zₖ). Shapes: d inputs, h hidden units (1 where the single neuron has
none), m background points, c employees or coalitions at a time.
"""

from __future__ import annotations

import numpy as np

from app.insight.evidence.background import Background
from app.network.parameters import Array, Parameters

_CHUNK = 1 << 14
"""Entries of tanh(½zₖ) at a time: 128 KiB, which stays in a core's L2 cache."""


class Coalitions:
    """v(S) of one network over one background; `nobody` is v(∅), of the logit and of the probability.

    What does not depend on the employee is computed once.
    """

    def __init__(self, parameters: Parameters, background: Background) -> None:
        hidden, bias = parameters.hidden, parameters.hidden_bias
        self._linear = hidden is None
        if hidden is None or bias is None:
            hidden, bias = parameters.output[:, None], np.array([parameters.output_bias])
        self._weights = np.ascontiguousarray(background.weights)
        self._half_hidden, self._half_bias = 0.5 * hidden, 0.5 * bias[:, None]  # ½wᵢₖ (d, h), ½bₖ (h, 1)
        self._terms = self._half_hidden[:, :, None] * background.points.T[:, None, :]  # ½wᵢₖbᵢ (d, h, m)
        self._half_output, self._quarter_output = 0.5 * parameters.output, 0.25 * parameters.output
        self._centre = parameters.output_bias + float(self._half_output.sum())  # b + ½Σₖ wₖ
        self._half_centre = 0.5 * self._centre
        self._others = np.stack([self._of_the_others((i,)) for i in range(len(hidden))])  # (d, h, m)
        z, p = self._expected(np.zeros((1, hidden.shape[1])), self._of_the_others(()))
        self.nobody = float(z[0]), float(p[0])

    def of_many(self, S: tuple[int, ...], inputs: Array) -> Array:
        """v(S), S not empty, of the logit and of the probability of each of inputs (n, d) in raw units: (2, n).

        Takes a few hundred KiB of room beside the answer, however many rows there are.
        """
        if len(S) > 1:
            return self._in_chunks(sum(inputs[:, i, None] * self._half_hidden[i] for i in S), self._of_the_others(S))
        # Whole scores and tenths of years repeat, and v({i}) depends on xᵢ alone.
        values, which = np.unique(inputs[:, S[0]], return_inverse=True)
        return self._in_chunks(values[:, None] * self._half_hidden[S[0]], self._others[S[0]])[:, which]

    def of_one(self, x: list[float]) -> list[tuple[float, float]]:
        """v({1}), …, v({d}) of one employee, inputs (d,) in raw units: the bits of `of_many`, all in one go."""
        z, p = self._expected(np.array(x)[:, None] * self._half_hidden, self._others)
        return list(zip(z.tolist(), p.tolist(), strict=True))

    def _of_the_others(self, S: tuple[int, ...]) -> Array:
        """cₖ(b) of every background point: (h, m)."""
        c = np.repeat(self._half_bias, len(self._weights), axis=1)
        for j in range(len(self._terms)):
            if j not in S:
                c += self._terms[j]
        return c

    def _in_chunks(self, own: Array, others: Array) -> Array:
        """The two v of own (c, h) beside others (h, m): (2, c)."""
        step = max(1, _CHUNK // others.size)
        v = np.empty((2, len(own)))
        for first in range(0, len(own), step):
            v[:, first : first + step] = self._expected(own[first : first + step], others)
        return v

    def _expected(self, own: Array, others: Array) -> tuple[Array, Array]:
        """E z and E ŷ, (c,) each: own (c, h) is Σ_{i∈S} ½wᵢₖxᵢ, others (h, m) or (c, h, m) is cₖ(b).

        Every mean is summed by itself, in an order that does not depend on how many there are: an employee alone gets
        the bits that a batch gives.
        """
        half = own[:, :, None] + others  # ½zₖ (c, h, m)
        if self._linear:
            half_z = half[:, 0]
            z = 2.0 * np.vecdot(half_z, self._weights)
        else:
            np.tanh(half, half)
            z = np.vecdot(np.vecdot(half, self._weights), self._half_output)  # Σₖ ½wₖ·E tanh(½zₖ)
            z += self._centre
            half_z = self._quarter_output @ half
            half_z += self._half_centre
        np.tanh(half_z, half_z)
        p = np.vecdot(half_z, self._weights)
        p *= 0.5
        p += 0.5
        return z, p

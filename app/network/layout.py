"""Where each weight stands in the vector θ that the solvers move."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from app.network.parameters import Array, Parameters
from app.network.standardise import Scale


@dataclass(frozen=True)
class Layout:
    """d inputs and h hidden units; h = 0 is the single neuron. P = size.

    single_neuron   θ = [w₁ … w_d, b]                                          P = d+1
    two_layer       θ = [w₁₁ … w_d1, b₁,  w₁₂ … w_d2, b₂,  …,  w₁ … w_h, b]   P = h(d+1) + h + 1
    """

    d: int
    h: int

    @property
    def size(self) -> int:
        """P."""
        return self.hidden_size + self.h + 1 if self.h else self.d + 1

    @property
    def hidden_size(self) -> int:
        """How many of the P belong to the hidden layer; they come first."""
        return self.h * (self.d + 1)

    def penalised(self) -> Array:
        """1 for each weight, 0 for each bias: (P,)."""
        mask = np.ones(self.size)
        mask[self.d : self.hidden_size : self.d + 1] = 0.0
        mask[-1] = 0.0
        return mask

    def parameters(self, theta: Array, scale: Scale) -> Parameters:
        """The network of θ (P,), which takes standardised inputs, as one that takes raw inputs.

        One network has h!·2ʰ equal forms: units may change places, and σ(−z) = 1 − σ(z) turns wₖσ(zₖ) into
        wₖ − wₖσ(−zₖ). Published is the one in which every unit raises the logit, the strongest first.
        """
        d, h = self.d, self.h
        if not h:
            output, bias = scale.raw(theta[:d], theta[d])
            return Parameters(None, None, output, float(bias))
        w = theta[self.hidden_size : -1]  # (h,)
        order = np.argsort(-np.abs(w), kind="stable")
        sign = np.where(w < 0, -1.0, 1.0)[order]
        block = theta[: self.hidden_size].reshape(h, d + 1)[order] * sign[:, None]
        hidden, hidden_bias = scale.raw(np.ascontiguousarray(block[:, :d].T), block[:, d])
        return Parameters(hidden, hidden_bias, np.abs(w)[order], float(theta[-1] + w[w < 0].sum()))

    def theta(self, parameters: Parameters, scale: Scale) -> Array:
        """θ (P,) on standardised inputs of a network that takes raw inputs, the inverse of `parameters`:

        w̃ᵢₖ = wᵢₖ·σᵢ,   b̃ₖ = bₖ + Σᵢ wᵢₖ·μᵢ
        """
        if parameters.hidden is None or parameters.hidden_bias is None:
            bias = parameters.output_bias + parameters.output @ scale.mean
            return np.append(parameters.output * scale.deviation, bias)
        weights = parameters.hidden.T * scale.deviation  # (h, d)
        hidden_bias = parameters.hidden_bias + scale.mean @ parameters.hidden
        hidden = np.column_stack([weights, hidden_bias]).ravel()
        return np.concatenate([hidden, parameters.output, [parameters.output_bias]])

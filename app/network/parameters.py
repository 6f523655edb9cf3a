"""The weights of one network, in the units of the raw inputs.

Shapes, once for the whole folder: d inputs, h hidden units, n rows, m rows of a chunk.

    single_neuron   z = Σᵢ wᵢxᵢ + b
    two_layer       zₖ = Σᵢ wᵢₖxᵢ + bₖ,  aₖ = σ(zₖ),  z = Σₖ wₖaₖ + b
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]
Kind = Literal["single_neuron", "two_layer"]


@dataclass(frozen=True, eq=False)
class Parameters:
    """One network's weights: logits per raw unit of input where they meet inputs, logits elsewhere.

    hidden       (d, h)  hidden[i][k] is wᵢₖ, from input i to hidden unit k; None for the single neuron
    hidden_bias  (h,)    bₖ; None for the single neuron
    output       (h,)    wₖ, from hidden unit k to the output; (d,) wᵢ for the single neuron
    output_bias          b

    Raises ValueError when the shapes do not fit each other.
    """

    hidden: Array | None
    hidden_bias: Array | None
    output: Array
    output_bias: float

    def __post_init__(self) -> None:
        """Hold the shapes to each other, so that a wrong weights file fails here and not in a score."""
        if self.output.ndim != 1:
            raise ValueError("output must have one axis")
        if (self.hidden is None) != (self.hidden_bias is None):
            raise ValueError("hidden and hidden_bias must be given together")
        if self.hidden is None or self.hidden_bias is None:
            return
        if self.hidden.ndim != 2 or self.hidden.shape[1:] != self.output.shape:
            raise ValueError("hidden must have shape (inputs, hidden units)")
        if self.hidden_bias.shape != self.output.shape:
            raise ValueError("hidden_bias must have shape (hidden units,)")

    @cached_property
    def as_floats(self) -> tuple[list[tuple[list[float], float]], list[float], float]:
        """Weights and bias of every hidden unit, output weights and output bias as Python's own floats."""
        hidden: list[tuple[list[float], float]] = []
        if self.hidden is not None and self.hidden_bias is not None:
            hidden = list(zip(self.hidden.T.tolist(), self.hidden_bias.tolist(), strict=True))
        return hidden, self.output.tolist(), self.output_bias

    @property
    def kind(self) -> Kind:
        """Which of the two networks these weights belong to."""
        return "single_neuron" if self.hidden is None else "two_layer"

    @property
    def inputs(self) -> int:
        """d, the number of inputs."""
        return len(self.output) if self.hidden is None else self.hidden.shape[0]

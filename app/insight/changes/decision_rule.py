"""What a model decides at many points, and towards where its scores can only rise."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from app.network.forward import score
from app.network.parameters import Array, Mask, Parameters
from app.network.rows import blocks

Interval = Callable[[Array], tuple[Array, Array]]
"""Inputs (m, d) -> lower and upper end (m,) of the credible interval of the probability."""

Points = tuple[Array, ...]
"""The d inputs of some points, arrays (…) of one shape, or views that repeat what a whole line has in common."""

_BLOCK = 4096
"""Points scored at a time. Temporaries of a whole lattice come from the system page by page, at twice the cost."""


@dataclass(frozen=True, eq=False)
class DecisionRule:
    """A model and its threshold. With an interval the rule is robust: a decision counts as turned only where the
    nearer end of the interval agrees.
    """

    parameters: Parameters
    threshold: float
    interval: Interval | None = None

    def probability(self, points: Points) -> Array:
        """The scores (…) of points."""
        first = points[0]
        scores = np.empty(first.shape)
        for part in blocks(len(first), max(1, _BLOCK // max(1, first[:1].size))):
            columns = np.array([values[part] for values in points]).reshape(len(points), -1)
            scores[part] = score(self.parameters, columns.T).reshape(scores[part].shape)
        return scores

    def target(self, points: Points, probability: Array, promote: bool) -> Mask:
        """Where (…) it is to promote or, where promote is False, not to: by the score, and robustly."""
        target: Mask = (probability >= self.threshold) == promote
        if self.interval is not None and target.any():
            low, high = self.interval(np.stack([values[target] for values in points], axis=1))
            target[target] = low >= self.threshold if promote else high < self.threshold
        return target

    @cached_property
    def directions(self) -> tuple[int, ...]:
        """For each of the d inputs 1 if the score never falls when it rises, −1 if it never rises, 0 if neither holds.

        ∂z/∂xᵢ = Σₖ wₖ·aₖ(1 − aₖ)·wᵢₖ keeps its sign when all wₖ·wᵢₖ have the same. So does what is computed: rounding
        to the nearest keeps the order, and so does σ.
        """
        hidden, output = self.parameters.hidden, self.parameters.output
        slopes = output[:, None] if hidden is None else hidden * output
        return tuple(1 if (line >= 0).all() else -1 if (line <= 0).all() else 0 for line in slopes)

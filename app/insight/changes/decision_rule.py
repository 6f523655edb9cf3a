"""What a model decides at many points, and towards where its scores can only rise."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from app.insight.changes.nearest import Mask
from app.network.forward import score
from app.network.parameters import Array, Parameters
from app.network.rows import blocks

Interval = Callable[[Array], tuple[Array, Array]]
"""Inputs (m, 2) -> lower and upper end (m,) of the credible interval of the probability."""

Points = tuple[Array, Array]

# Points scored at a time: temporaries of a whole lattice would come from the system, page by page, at twice the cost.
_BLOCK = 4096


@dataclass(frozen=True, eq=False)
class DecisionRule:
    """A model and its threshold; with an interval, a turned decision counts only where its nearer end agrees (robust).

    Raises ValueError for a model of other than two inputs.
    """

    parameters: Parameters
    threshold: float
    interval: Interval | None = None

    def __post_init__(self) -> None:
        """Refuse what the search is not made for."""
        if self.parameters.inputs != 2:
            raise ValueError("the nearest change is for two inputs")

    def probability(self, points: Points) -> Array:
        """The scores (…) of points, two arrays (…) or views that repeat what a whole line has in common."""
        first, second = points
        scores = np.empty(first.shape)
        for part in blocks(len(first), max(1, _BLOCK // max(1, first[:1].size))):
            columns = np.stack([first[part], second[part]]).reshape(2, -1)
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
    def directions(self) -> tuple[int, int]:
        """For each input 1 if the score never falls when it rises, −1 if it never rises, 0 if neither holds.

        ∂z/∂xᵢ = Σₖ wₖ·aₖ(1 − aₖ)·wᵢₖ keeps its sign when all wₖ·wᵢₖ have the same. So does what is computed: rounding
        to the nearest keeps the order, and so does σ.
        """
        hidden, output = self.parameters.hidden, self.parameters.output
        slopes = output[:, None] if hidden is None else hidden * output
        first, second = (1 if (line >= 0).all() else -1 if (line <= 0).all() else 0 for line in slopes)
        return first, second


def grid(first: Array, second: Array) -> Points:
    """All pairs of n₁ and n₂ values, as views (n₁, n₂)."""
    shape = len(first), len(second)
    return np.broadcast_to(first[:, None], shape), np.broadcast_to(second, shape)

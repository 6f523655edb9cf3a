"""Whom a score is compared with: weighted points of inputs, which stay with the model when its rows are gone."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256

import numpy as np

from app.insight.evidence.condense import condense
from app.network.forward import logit, probability
from app.network.parameters import Array, Parameters

MOST_POINTS = 256
"""Points of a background."""

_PART = 4
_ENOUGH = 30
"""Of those promoted by the model, the part that it only just promotes, and how many it takes at least."""


@dataclass(frozen=True, eq=False)
class Background:
    """points (m, d) in raw units, each of one employee or the mean of several; weights (m,) > 0, which sum to 1."""

    points: Array
    weights: Array

    @cached_property
    def digest(self) -> str:
        """The SHA-256 of points, row by row, and weights, as little-endian float64."""
        numbers = np.concatenate([self.points.ravel(), self.weights]).astype("<f8")
        return f"sha256:{sha256(numbers.tobytes()).hexdigest()}"


def training_background(inputs: Array, counts: Array) -> Background:
    """All rows: inputs (n, d), n ≥ 1, in raw units, each as often as counts (n,) says. Each distinct row is a point,
    or, of more than 256, each of as many groups of near rows.

    Who was promoted does not matter, nor does the order of the rows.
    """
    return Background(*condense(inputs, counts, MOST_POINTS))


def just_above_threshold(parameters: Parameters, threshold: float, inputs: Array, counts: Array) -> Background | None:
    """Those of the rows, inputs (n, d) in raw units with counts (n,), whom the model only just promotes; None where it
    promotes nobody.

    They are the quarter with the least logits of all whose probability reaches the threshold, but at least 30, or all
    where there are fewer, and everybody else with the greatest of these logits.
    """
    z = logit(parameters, inputs)
    promoted = np.flatnonzero(probability(z) >= threshold)
    if not len(promoted):
        return None
    ascending = promoted[np.argsort(z[promoted])]
    so_far = np.cumsum(counts[ascending])
    enough = min(so_far[-1], max(_ENOUGH, -(-so_far[-1] // _PART)))
    highest = z[ascending[np.searchsorted(so_far, enough)]]
    those = promoted[z[promoted] <= highest]
    return Background(*condense(inputs[those], counts[those], MOST_POINTS))

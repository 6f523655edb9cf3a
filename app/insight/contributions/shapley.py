"""Exact Shapley values of a score over a background: by how much each input raised or lowered it.

    φᵢ = Σ_{S∌i} |S|!(d−|S|−1)!/d! · [v(S ∪ {i}) − v(S)]     the mean over all orders in which inputs become known
    φ₁ = ½[v({1}) − v(∅) + v({1,2}) − v({2})]                the same for d = 2
    v(∅) + Σᵢ φᵢ = f(x)

Shapley 1953, "A value for n-person games". v(S) is that of coalitions.py: the background's inputs are put beside the
employee's own however the two are correlated (interventional: Janzing, Minorics and Blöbaum 2020, "Feature relevance
quantification in explainable AI"), so that an input that the network ignores contributes nothing. All 2ᵈ coalitions are
gone through.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from math import factorial
from typing import NamedTuple

import numpy as np

from app.insight.contributions.coalitions import Coalitions
from app.insight.evidence.background import Background
from app.network.parameters import Array, Parameters

MOST_INPUTS = 10
"""With more, 2ᵈ coalitions take longer than anybody waits, and a sample of them would no longer be exact."""

_KEPT = 1024
"""Values of one input whose v({i}) is kept: all whole scores, or all years to a tenth, and some more."""


class TooManyInputs(ValueError):
    """The network has more inputs than all coalitions can be gone through for."""


@dataclass(frozen=True, eq=False)
class Contributions:
    """What each input contributed; base and the sum over the inputs are the score but for rounding.

    base_logit, base_probability  v(∅), the mean over the background
    logit, probability            (n, d) φᵢ, in logits and in probability
    """

    base_logit: float
    base_probability: float
    logit: Array
    probability: Array


class ContributionsOfOne(NamedTuple):
    """The same of one employee, (d,) each; a tuple, which takes a third of a frozen dataclass's time."""

    base_logit: float
    base_probability: float
    logit: list[float]
    probability: list[float]


class ShapleyValues:
    """Contributions to the scores of one network over one background. What does not depend on the employee is kept."""

    def __init__(self, parameters: Parameters, background: Background) -> None:
        """Raises TooManyInputs."""
        if parameters.inputs > MOST_INPUTS:
            raise TooManyInputs(f"exact contributions need at most {MOST_INPUTS} inputs, not {parameters.inputs}")
        self._coalitions = Coalitions(parameters, background)
        self._kept: tuple[dict[float, tuple[float, float]], ...] = ({}, {})

    @property
    def base(self) -> tuple[float, float]:
        """v(∅) in logits and in probability."""
        return self._coalitions.nobody

    def __call__(self, inputs: Array, z: Array, p: Array) -> Contributions:
        """Contributions to the scores of inputs (n, d) in raw units, with logits z and probabilities p (n,)."""
        n, d = inputs.shape
        everybody = np.stack([z, p])
        phi = np.empty((d, 2, n))
        phi[:] = -_share(0, d) * np.array(self._coalitions.nobody)[:, None]
        for size in range(1, d + 1):
            for S in combinations(range(d), size):
                v = everybody if size == d else self._coalitions.of_many(S, inputs)
                for i in range(d):
                    phi[i] += _share(size - 1, d) * v if i in S else -_share(size, d) * v
        return Contributions(*self._coalitions.nobody, *phi.transpose(1, 2, 0))

    def of_one(self, x: list[float], z: float, p: float) -> ContributionsOfOne:
        """Contributions to the score of one employee, inputs (d,) in raw units, logit z, probability p: the bits that a
        batch gives.

        Of two inputs v({i}) is kept for values that were asked for lately: with both at hand it takes a quarter.
        """
        base_z, base_p = self._coalitions.nobody
        if len(x) != 2:
            found = self(np.array([x]), np.array([z]), np.array([p]))
            return ContributionsOfOne(base_z, base_p, found.logit[0].tolist(), found.probability[0].tolist())
        first, second = self._kept[0].get(x[0]), self._kept[1].get(x[1])
        if first is None or second is None:
            first, second = self._look_up(x)
        return ContributionsOfOne(
            base_z,
            base_p,
            _closed_form(base_z, first[0], second[0], z),
            _closed_form(base_p, first[1], second[1], p),
        )

    def _look_up(self, x: list[float]) -> list[tuple[float, float]]:
        """v({1}) and v({2}), which are kept from now on."""
        found = self._coalitions.of_one(x)
        for kept, value, v in zip(self._kept, x, found, strict=True):
            if len(kept) >= _KEPT:
                kept.clear()
            kept[value] = v
        return found


def _share(before: int, d: int) -> float:
    """|S|!(d−|S|−1)!/d!: the share of the orders of d inputs in which those before one input are a given S."""
    return factorial(before) * factorial(d - before - 1) / factorial(d)


def _closed_form(v0: float, v1: float, v2: float, v12: float) -> list[float]:
    """φ₁ and φ₂ of d = 2, added up in the order in which __call__ goes through the coalitions."""
    return [0.5 * (v1 - v0 - v2 + v12), 0.5 * (v2 - (v0 + v1) + v12)]

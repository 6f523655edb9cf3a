"""All that can be said of a score: contributions, nearest changes, interval and warnings, for one employee or many."""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce
from typing import NamedTuple

import numpy as np

from app.insight.changes.changes import Change, Changes
from app.insight.changes.decision_rule import DecisionRule
from app.insight.changes.lattice import Lattice
from app.insight.changes.nearest_changes import NearestChanges
from app.insight.contributions.shapley import ShapleyValues
from app.insight.evidence.evidence import Evidence
from app.insight.evidence.interval import interval, interval_of_one
from app.insight.question import Question
from app.network.forward import logit, probability
from app.network.parameters import Array, Mask, Parameters


class NobodyAboveThreshold(ValueError):
    """The model promotes nobody of its training data, so that there is no background of that name."""


class Explained(NamedTuple):
    """What there is to say of one score.

    explainer                      who says it
    inputs                         (d,) of whom it is said
    logit, probability             (d,) the contributions of the inputs
    residual                       logit less base and contributions: rounding
    changes                        the nearest changes that turn the decision, nearest first
    highest_reachable_probability  of changes of at most two inputs, within the allowed ranges
    low, high                      the credible interval of the probability
    outside                        (d+1,) which inputs the training did not see, and last whether only their combination
    crosses, few                   whether the interval contains the threshold; whether few cases are similar
    """

    explainer: Explainer
    inputs: list[float]
    logit: list[float]
    probability: list[float]
    residual: float
    changes: list[Change]
    highest_reachable_probability: float
    low: float
    high: float
    outside: list[bool]
    crosses: bool
    few: bool

    @property
    def unfamiliar(self) -> bool:
        """Whether the training did not see the inputs, or their combination."""
        return True in self.outside

    @property
    def warned(self) -> bool:
        """Whether a person should look at it."""
        return self.crosses or self.few or True in self.outside


@dataclass(frozen=True, eq=False)
class Explanations:
    """The same of n scores, a column each.

    inputs                       (n, d)
    logit, probability           (n, d)
    residual, low, high          (n,)
    changes                      columns themselves
    outside                      (n, d+1)
    crosses, few                 (n,)
    """

    explainer: Explainer
    inputs: Array
    logit: Array
    probability: Array
    residual: Array
    changes: Changes
    low: Array
    high: Array
    outside: Mask
    crosses: Mask
    few: Mask

    @property
    def highest_reachable_probability(self) -> Array:
        """(n,)."""
        return self.changes.highest_reachable_probability

    @property
    def unfamiliar(self) -> Mask:
        """(n,) whether the training did not see the inputs, or their combination."""
        return reduce(np.logical_or, self.outside.T)

    @property
    def warned(self) -> Mask:
        """(n,) whether a person should look at it."""
        warned: Mask = self.crosses | self.few | self.unfamiliar
        return warned


class Explainer:
    """Explains the scores of one model version. It keeps what does not depend on the employee, and what repeats."""

    def __init__(
        self,
        parameters: Parameters,
        threshold: float,
        evidence: Evidence,
        question: Question,
        *,
        highest: tuple[float, ...],
        may_fall: tuple[bool, ...],
    ) -> None:
        """`highest` (d,): what the inputs may be at most; the least is 0. `may_fall` (d,): which may become less.

        Raises NobodyAboveThreshold.
        """
        background = evidence.background(question.background)
        if background is None:
            raise NobodyAboveThreshold
        self.question, self.background, self.familiarity = question, background, evidence.familiarity
        self._parameters, self._posterior, self.threshold = parameters, evidence.posterior, threshold
        self._contributions = ShapleyValues(parameters, background)
        deviations = tuple(evidence.posterior.scale.deviation.tolist())
        lattice = Lattice(question.steps, highest, deviations, may_fall)
        rule = DecisionRule(parameters, threshold, self._interval_anywhere if question.robust else None)
        self._changes = NearestChanges(rule, lattice)
        self.base_logit, self.base_probability = self._contributions.base

    def explain(self, inputs: Array, z: Array, p: Array) -> Explanations:
        """The explanations of inputs (n, d), in order, which have the logits z and the probabilities p (n,)."""
        contributions = self._contributions(inputs, z, p)
        low, high = self._interval(inputs, z, p)
        return Explanations(
            self,
            inputs,
            contributions.logit,
            contributions.probability,
            z - self.base_logit - contributions.logit.sum(axis=1),
            self._changes(inputs),
            low,
            high,
            self.familiarity.outside(inputs),
            self._crosses(low, high),
            self.familiarity.few_similar(inputs),
        )

    def explain_one(self, x: list[float], z: float, p: float) -> Explained:
        """The explanation of one employee, x (d,) with the logit z and the probability p: the bits of `explain`."""
        contributions = self._contributions.of_one(x, z, p)
        deviation = self._posterior.deviation_of_one(self._parameters, x)
        low, high = interval_of_one(z, p, deviation, self.question.level)
        changes, highest = self._changes.of_one(x)
        return Explained(
            self,
            x,
            contributions.logit,
            contributions.probability,
            z - self.base_logit - sum(contributions.logit),
            changes,
            highest,
            low,
            high,
            self.familiarity.outside_of_one(x),
            low < self.threshold <= high,
            self.familiarity.few_similar_of_one(x),
        )

    def warned(self, inputs: Array, z: Array, p: Array) -> Mask:
        """Which of inputs (n, d), with logits z and probabilities p (n,), have a score that a person should look at."""
        unfamiliar = reduce(np.logical_or, self.familiarity.outside(inputs).T) | self.familiarity.few_similar(inputs)
        warned: Mask = unfamiliar | self._crosses(*self._interval(inputs, z, p))
        return warned

    def _interval(self, inputs: Array, z: Array, p: Array) -> tuple[Array, Array]:
        """Low and high (n,) of inputs (n, d)."""
        return interval(z, p, self._posterior.deviation(self._parameters, inputs), self.question.level)

    def _interval_anywhere(self, inputs: Array) -> tuple[Array, Array]:
        """The same of inputs that nobody has scored yet."""
        z = logit(self._parameters, inputs)
        return self._interval(inputs, z, probability(z))

    def _crosses(self, low: Array, high: Array) -> Mask:
        """Whether one end of the interval would be promoted and the other not."""
        crosses: Mask = (low < self.threshold) & (high >= self.threshold)
        return crosses

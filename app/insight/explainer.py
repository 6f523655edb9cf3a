"""All that can be said of a score: contributions, nearest changes, interval and warnings, for one employee or many."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from app.insight.changes.changes import Change, Changes
from app.insight.changes.decision_rule import DecisionRule
from app.insight.changes.lattice import Lattice
from app.insight.changes.nearest_changes import NearestChanges
from app.insight.contributions.shapley import ShapleyValues
from app.insight.evidence.evidence import BackgroundName, Evidence
from app.insight.evidence.interval import interval, interval_of_one
from app.network.forward import logit
from app.network.parameters import Array, Mask, Parameters


@dataclass(frozen=True)
class Question:
    """What is asked.

    background  with whom the contributions compare
    level       of the credible interval, between 0 and 1
    robust      whether a change must turn the decision also at the end of the interval
    steps       (d,) in which the inputs of a change may move, in raw units
    """

    background: BackgroundName = "training"
    level: float = 0.9
    robust: bool = False
    steps: tuple[float, ...] = (0.5, 1.0)


class NobodyAboveThreshold(ValueError):
    """The model promotes nobody of its training data, so that there is no background of that name."""


class Explained(NamedTuple):
    """What there is to say of one score.

    logit, probability  (d,) the contributions of the inputs
    residual            logit less base and contributions: rounding
    changes             the nearest changes that turn the decision, nearest first
    highest             the highest probability within the allowed ranges
    low, high           the credible interval of the probability
    outside             (d+1,) which inputs, and last whether only their combination, the training did not see
    crosses, few        whether the interval contains the threshold; whether few cases are similar
    """

    logit: list[float]
    probability: list[float]
    residual: float
    changes: list[Change]
    highest: float
    low: float
    high: float
    outside: list[bool]
    crosses: bool
    few: bool

    @property
    def warned(self) -> bool:
        """Whether a person should look at it."""
        return self.crosses or self.few or any(self.outside)


@dataclass(frozen=True, eq=False)
class Explanations:
    """The same of n scores, a column each.

    logit, probability           (n, d)
    residual, low, high          (n,)
    changes                      columns themselves
    outside                      (n, d+1)
    crosses, few                 (n,)
    """

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
    def warned(self) -> Mask:
        """(n,) whether a person should look at it."""
        warned: Mask = self.crosses | self.few | self.outside.any(axis=1)
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
        self._parameters, self._threshold, self._posterior = parameters, threshold, evidence.posterior
        self._contributions = ShapleyValues(parameters, background)
        deviations = tuple(evidence.posterior.scale.deviation.tolist())
        lattice = Lattice(question.steps, highest, deviations, may_fall)
        rule = DecisionRule(parameters, threshold, self._interval if question.robust else None)
        self._changes = NearestChanges(rule, lattice)
        self.base_logit, self.base_probability = self._contributions.base

    def explain(self, inputs: Array) -> Explanations:
        """The explanations of inputs (n, d), in order."""
        contributions = self._contributions(inputs)
        z = logit(self._parameters, inputs)
        low, high = self._interval(inputs)
        return Explanations(
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

    def explain_one(self, x: list[float], z: float) -> Explained:
        """The explanation of one employee, x (d,) with the logit z: the bits of `explain`, in Python's own numbers."""
        contributions = self._contributions.of_one(x, z)
        deviation = self._posterior.deviation_of_one(self._parameters, x)
        low, high = interval_of_one(z, deviation, self.question.level)
        changes, highest = self._changes.of_one(x)
        return Explained(
            contributions.logit,
            contributions.probability,
            z - self.base_logit - sum(contributions.logit),
            changes,
            highest,
            low,
            high,
            self.familiarity.outside_of_one(x),
            low < self._threshold <= high,
            self.familiarity.few_similar_of_one(x),
        )

    def warned(self, inputs: Array) -> Mask:
        """Which of inputs (n, d) have a score that a person should look at."""
        unfamiliar = self.familiarity.outside(inputs).any(axis=1) | self.familiarity.few_similar(inputs)
        warned: Mask = unfamiliar | self._crosses(*self._interval(inputs))
        return warned

    def _interval(self, inputs: Array) -> tuple[Array, Array]:
        """Low and high (n,) of inputs (n, d)."""
        deviation = self._posterior.deviation(self._parameters, inputs)
        return interval(logit(self._parameters, inputs), deviation, self.question.level)

    def _crosses(self, low: Array, high: Array) -> Mask:
        """Whether one end of the interval would be promoted and the other not."""
        crosses: Mask = (low < self._threshold) & (high >= self._threshold)
        return crosses

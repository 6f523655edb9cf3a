"""One employee's explanation as JSON: the records that msgspec writes; documents.py declares them. Those of
many are written by json_of_many.py, with the same bytes.
"""

from functools import lru_cache

from msgspec import Struct

from app.api.explanations.explaining import ExplainedScore
from app.inputs import NAMES as INPUTS
from app.insight.changes.changes import Change
from app.insight.contributions.reasons import Reason, change_in_words, reasons
from app.insight.explainer import Explained, Explainer

_PLACES = range(len(INPUTS))


class Background(Struct):
    """With whom an employee is compared."""

    name: str
    size: int
    digest: str


class _Contribution(Struct, gc=False):
    input: str
    value: float
    logit: float
    probability: float


class _Change(Struct, gc=False):
    inputs: dict[str, float]
    probability: float
    distance: float
    text: str


class _Interval(Struct, gc=False):
    level: float
    low: float
    high: float


class Outside(Struct, gc=False):
    """An input beyond its range, and the range; null for a combination of inputs."""

    input: str | None
    low: float | None
    high: float | None


class Explanation(Struct):
    """One score's explanation."""

    base_logit: float
    base_probability: float
    residual: float
    background: Background
    contributions: list[_Contribution]
    reasons: list[Reason]
    changes: list[_Change]
    highest_reachable_probability: float
    interval: _Interval
    outside_training_data: list[Outside]
    warnings: tuple[str, ...]
    refer_to_person: bool


def explanation(one: ExplainedScore) -> Explanation | None:
    """The explanation of a score, if it has one."""
    return None if one.explanation is None else _explanation(one.explainer, one.x, one.explanation)


def background_of(explainer: Explainer) -> Background:
    """With whom it compares."""
    background = explainer.background
    return Background(explainer.question.background, len(background.weights), background.digest)


def _explanation(explainer: Explainer, x: list[float], one: Explained) -> Explanation:
    background = background_of(explainer)
    outside = [outside_of(explainer, i) for i, is_outside in enumerate(one.outside) if is_outside]
    warnings = warnings_of(bool(outside), one.crosses, one.few)
    return Explanation(
        explainer.base_logit,
        explainer.base_probability,
        one.residual,
        background,
        [_Contribution(INPUTS[i], x[i], one.logit[i], one.probability[i]) for i in _PLACES],
        reasons(INPUTS, one.probability, background.name),
        [_change(x, change) for change in one.changes],
        one.highest,
        _Interval(explainer.question.level, one.low, one.high),
        outside,
        warnings,
        bool(warnings),
    )


def _change(x: list[float], change: Change) -> _Change:
    values = years, score = change.values
    inputs = {INPUTS[i]: value for i in _PLACES if (value := values[i]) is not None}
    growth = None if years is None else round(years - x[0], 10)
    return _Change(inputs, change.probability, change.distance, change_in_words(growth, score))


def outside_of(explainer: Explainer, i: int) -> Outside:
    """Input i; the combination where i is the number of inputs."""
    if i == len(INPUTS):
        return Outside(None, None, None)
    low, high = explainer.familiarity.ranges[i].tolist()
    return Outside(INPUTS[i], low, high)


@lru_cache
def warnings_of(outside: bool, crosses: bool, few: bool) -> tuple[str, ...]:
    """The codes of the warnings that hold."""
    codes = {"outside_training_data": outside, "interval_crosses_threshold": crosses, "few_similar_cases": few}
    return tuple(code for code, holds in codes.items() if holds)

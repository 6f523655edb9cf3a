"""What an explanation is, as the contract declares it."""

from typing import Literal

from typing_extensions import TypedDict


class BackgroundDocument(TypedDict):
    """With whom the employee is compared: `size` weighted points, and their digest."""

    name: Literal["training", "just_above_threshold"]
    size: int
    digest: str


class ContributionDocument(TypedDict):
    """The Shapley value of an input, in logits and in probability, and the employee's own value of it."""

    input: str
    value: float
    logit: float
    probability: float


class ReasonDocument(TypedDict):
    """A contribution in plain words; `code` never changes."""

    code: str
    text: str


class ChangeDocument(TypedDict):
    """New values of one or more inputs with which the decision would have been the other one, the probability there,
    and how far that is, in standard deviations of the training data.
    """

    inputs: dict[str, float]
    probability: float
    distance: float
    text: str


class IntervalDocument(TypedDict):
    """The credible interval of the probability."""

    level: float
    low: float
    high: float


class OutsideDocument(TypedDict):
    """An input beyond the range that the training saw, and that range; null for a combination of inputs, each within
    its range, that lies farther out than every training record.
    """

    input: str | None
    low: float | None
    high: float | None


class ExplanationDocument(TypedDict):
    """Why the score is what it is: logit = base_logit + the contributions in logits + residual (rounding).

    `changes` are sorted by distance, and empty when nothing within the allowed ranges turns the decision;
    `highest_reachable_probability` is then how far it can go. `refer_to_person` holds when there is a warning.
    """

    base_logit: float
    base_probability: float
    residual: float
    background: BackgroundDocument
    contributions: list[ContributionDocument]
    reasons: list[ReasonDocument]
    changes: list[ChangeDocument]
    highest_reachable_probability: float
    interval: IntervalDocument
    outside_training_data: list[OutsideDocument]
    warnings: list[Literal["outside_training_data", "interval_crosses_threshold", "few_similar_cases"]]
    refer_to_person: bool

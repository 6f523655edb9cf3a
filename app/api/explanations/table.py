"""What an explanation says: one table. The JSON, its contract, the CSV columns and the tensors come from it.

A row is all that a new field needs. The order of the rows is that of the JSON.
"""

from collections.abc import Sequence
from operator import attrgetter
from typing import Literal

from app.api.explanations.changes import CHANGES
from app.api.explanations.contributions import CONTRIBUTIONS
from app.api.explanations.field import Field, Record, constant, number, record, truth
from app.api.explanations.reasons import REASONS
from app.api.explanations.warnings import HOLDING, OUTSIDE
from app.insight.explainer import Explained, Explanations


class Background(Record):
    """With whom the employee is compared: `size` weighted points, and their digest."""

    name: Literal["training", "just_above_threshold"]
    size: int
    digest: str


def _background(given: Explained | Explanations) -> Background:
    background = given.explainer.background
    return Background(given.explainer.question.background, len(background.weights), background.digest)


SENTENCE = """Why the score is what it is: logit = base_logit + the contributions in logits + residual (rounding).

`changes` are sorted by distance, and empty when nothing within the allowed ranges turns the decision;
`highest_reachable_probability` is then how far it can go. `refer_to_person` holds when there is a warning.
"""

FIELDS: tuple[Field, ...] = (
    number("base_logit", attrgetter("explainer.base_logit")),
    number("base_probability", attrgetter("explainer.base_probability")),
    number("residual"),
    constant("background", Background, _background),
    CONTRIBUTIONS,
    REASONS,
    CHANGES,
    number("highest_reachable_probability"),
    record(
        "interval",
        "The credible interval of the probability.",
        [constant("level", float, attrgetter("explainer.question.level")), number("low"), number("high")],
    ),
    OUTSIDE,
    HOLDING,
    truth("refer_to_person", attrgetter("warned")),
)

_SUM = ("base_logit", "base_probability", "contributions", "residual")


def in_order(*first: str) -> Sequence[Field]:
    """The fields, those of these names first: the order of a form that was published before there was this table."""
    return sorted(FIELDS, key=lambda field: first.index(field.name) if field.name in first else len(first))


def csv_fields() -> Sequence[Field]:
    """In the order of the CSV columns."""
    return in_order(*_SUM)


def tensor_fields() -> Sequence[Field]:
    """In the order of the tensors in the metadata."""
    return in_order(*_SUM, "interval")

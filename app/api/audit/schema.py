"""What a body of POST /audit may hold, as json_careful.py checks it and as the contract declares it.

What is checked has the fields of all three kinds. Then the service can say which record is unlike the first.
"""

from collections.abc import Mapping
from typing import Annotated, Any, Literal, NotRequired

from pydantic import BeforeValidator, FailFast, Field

from app.api.bodies.fields import LONGEST_ID, NUMBERS, EmployeeId, record_of
from app.api.bodies.json_careful import whole
from app.inputs import NAMES

Basis = Literal["selected", "score", "model"]
FIELDS: Mapping[Basis, tuple[str, ...]] = {"selected": ("selected",), "score": ("score",), "model": NAMES}
"""What a record holds beside the person: the decision, a score, or what the service scores."""
MOST_COUNT = 10**8
"""Of decisions, in a record and in all of them."""
LARGEST_SCORE = 1e100


def _label(sentence: str) -> Any:
    return Annotated[str | None, Field(max_length=LONGEST_ID, description=sentence)]


_PERSON: dict[str, Any] = {
    "sex": _label("The person's sex. Any label; null or empty: unknown."),
    "race_ethnicity": _label("The person's race or ethnicity. Any label; null or empty: unknown."),
    "pool": NotRequired[_label("Who was decided about together: department, cycle.")],
    "count": NotRequired[
        Annotated[
            int,
            Field(ge=1, le=MOST_COUNT, description="For how many like decisions it stands. Default: 1."),
            BeforeValidator(whole),
        ]
    ],
}
_VALUES: dict[str, Any] = {
    "selected": Annotated[bool, Field(description="Whether this person was selected, such as promoted.")],
    "score": Annotated[
        float,
        Field(
            ge=-LARGEST_SCORE,
            le=LARGEST_SCORE,
            description="How this person scored. Everybody above the median counts as selected.",
        ),
    ],
    **NUMBERS,
}
_LAST: dict[str, Any] = {"employee_id": NotRequired[EmployeeId]}

Decision = record_of(
    "AnyDecision",
    "One decision as it is read, before it is known of which kind it is.",
    _PERSON | {name: NotRequired[kind] for name, kind in _VALUES.items()} | _LAST,
)
DecisionList = record_of(
    "AnyDecisionList",
    "The body of POST /audit as it is read.",
    {"decisions": Annotated[list[Decision], FailFast()]},  # type: ignore[valid-type]
)


def _decision(basis: Basis, name: str, sentence: str) -> Any:
    """A list of at least one decision of one kind."""
    record: Any = record_of(name, sentence, _PERSON | {field: _VALUES[field] for field in FIELDS[basis]} | _LAST)
    return Annotated[list[record], Field(min_length=1)]


_DECISIONS = (
    _decision("selected", "SelectedDecision", "One decision that was made, or `count` like ones.")
    | _decision("score", "ScoredDecision", "One score that somebody else gave, or `count` like ones.")
    | _decision("model", "DecisionToScore", "One person whom the service scores, or `count` like ones.")
)
_SENTENCE = "The decisions to audit, at least one. All are of the same kind."
Declared = record_of(
    "DecisionList", "The body of POST /audit.", {"decisions": Annotated[_DECISIONS, Field(description=_SENTENCE)]}
)
"""The same bodies in a form that generators of clients can read: decisions are all of one of three kinds."""

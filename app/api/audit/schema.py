"""What a body of POST /audit may hold, as the contract declares it and json_careful.py checks it."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal, NotRequired

from pydantic import BeforeValidator, Field

from app.api.bodies.fields import LONGEST_ID, NUMBERS, EmployeeId, list_of, record_of
from app.api.bodies.json_careful import whole
from app.inputs import NAMES

Basis = Literal["selected", "score", "model"]
FIELDS: Mapping[Basis, tuple[str, ...]] = {"selected": ("selected",), "score": ("score",), "model": NAMES}
"""What a record holds beside the person: the decision, a score, or what the service scores."""
MOST_COUNT = 10**8
"""Of decisions, in a record and in all of them."""
LARGEST_SCORE = 1e100


Label = Annotated[str | None, Field(max_length=LONGEST_ID, description="Any label; null or empty: unknown.")]


Decision = record_of(
    "Decision",
    "One decision, or `count` like ones: `selected`, or `score`, or what the service scores; all records alike.",
    {
        "sex": Label,
        "race_ethnicity": Label,
        "pool": NotRequired[
            Annotated[
                str | None,
                Field(max_length=LONGEST_ID, description="Who was decided about together: department, cycle."),
            ]
        ],
        "count": NotRequired[
            Annotated[
                int,
                Field(ge=1, le=MOST_COUNT, description="For how many like decisions it stands. Default: 1."),
                BeforeValidator(whole),
            ]
        ],
        "selected": NotRequired[
            Annotated[bool, Field(description="Whether this person was selected, such as promoted.")]
        ],
        "score": NotRequired[
            Annotated[
                float, Field(ge=-LARGEST_SCORE, le=LARGEST_SCORE, description="Selected: who is above the median.")
            ]
        ],
        **{name: NotRequired[number] for name, number in NUMBERS.items()},
        "employee_id": NotRequired[EmployeeId],
    },
)


def _alike(basis: Basis) -> dict[str, Any]:
    others: dict[str, Any] = {name: False for kind, names in FIELDS.items() if kind != basis for name in names}
    return {"items": {"required": list(FIELDS[basis]), "properties": others}}


DecisionList = list_of(
    "DecisionList",
    "The body of POST /audit.",
    "decisions",
    Decision,
    # For the contract alone: Decisions.from_body asks for it.
    {"minItems": 1, "anyOf": [_alike(basis) for basis in FIELDS]},
)

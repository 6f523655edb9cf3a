"""The records of POST /audit: whom decisions were about, and what happened to them or how they scored."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Literal, NotRequired

import numpy as np
from numpy.typing import NDArray
from pydantic import BeforeValidator, FailFast, Field, GetCoreSchemaHandler, with_config
from pydantic_core import CoreSchema
from typing_extensions import TypedDict

from app.api.audit.labels import Labels, TooMany
from app.api.bodies.json_careful import read_json, whole
from app.api.bodies.records import (
    INPUTS,
    LONGEST_ID,
    STRICT,
    EmployeeId,
    PerformanceScore,
    YearsOfExperience,
    as_its_body,
)
from app.errors import ERRORS_LISTED, InvalidRecords, JsonFault
from app.impact.audit import People
from app.network.parameters import Array

Basis = Literal["selected", "score", "model"]
FIELDS: Mapping[Basis, tuple[str, ...]] = {"selected": ("selected",), "score": ("score",), "model": INPUTS}
"""What a record holds beside the person: the decision, a score, or what the service scores."""
MOST_COUNT = 10**8
"""Of decisions, in a record and in all of them."""
LARGEST_SCORE = 1e100


Label = Annotated[str | None, Field(max_length=LONGEST_ID, description="Any label; null or empty: unknown.")]


@with_config(STRICT)
class Decision(TypedDict):
    """One decision, or `count` like ones: `selected`, or `score`, or what the service scores; all records alike."""

    sex: Label
    race_ethnicity: Label
    pool: NotRequired[
        Annotated[
            str | None, Field(max_length=LONGEST_ID, description="Who was decided about together: department, cycle.")
        ]
    ]
    count: NotRequired[
        Annotated[
            int,
            Field(ge=1, le=MOST_COUNT, description="For how many like decisions it stands. Default: 1."),
            BeforeValidator(whole),
        ]
    ]
    selected: NotRequired[Annotated[bool, Field(description="Whether this person was selected, such as promoted.")]]
    score: NotRequired[
        Annotated[float, Field(ge=-LARGEST_SCORE, le=LARGEST_SCORE, description="Selected: who is above the median.")]
    ]
    years_of_experience: NotRequired[YearsOfExperience]
    performance_score: NotRequired[PerformanceScore]
    employee_id: NotRequired[EmployeeId]


def _alike(basis: Basis) -> dict[str, Any]:
    others: dict[str, Any] = {name: False for kind, names in FIELDS.items() if kind != basis for name in names}
    return {"items": {"required": list(FIELDS[basis]), "properties": others}}


@with_config(STRICT)
class DecisionList(TypedDict):
    """The body of POST /audit."""

    decisions: Annotated[
        list[Decision],
        FailFast(),
        # For the contract alone: from_body asks for it.
        Field(json_schema_extra={"minItems": 1, "anyOf": [_alike(basis) for basis in FIELDS]}),
    ]


@dataclass(frozen=True, eq=False)
class Decisions:
    """Decisions as columns: the people; and, by their basis, whether they were selected (n, 1), their scores (n, 1), or
    the inputs (n, 2) that the service scores.
    """

    people: People
    basis: Basis
    values: Array

    body: ClassVar[Any] = DecisionList
    columns: ClassVar[tuple[str, ...]] = ("sex", "race_ethnicity")

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Let FastAPI declare the JSON body."""
        return as_its_body(cls, source, handler)

    @classmethod
    def from_json(cls, data: bytes) -> Decisions:
        """Read a JSON body. Raises InvalidRecords."""
        return cls.from_body(read_json(cls.body, data))

    @classmethod
    def from_body(cls, body: DecisionList) -> Decisions:
        """The columns of a checked JSON body. Raises InvalidRecords when its records are not alike."""
        records = body["decisions"]
        basis = _basis(records)
        values = [[record[name] for name in FIELDS[basis]] for record in records]  # type: ignore[literal-required]
        columns = [[str(record.get(name) or "") for record in records] for name in ("sex", "race_ethnicity", "pool")]
        counts = np.array([record.get("count", 1) for record in records], dtype=np.int64)
        labels = Labels("sex"), Labels("race_ethnicity"), Labels("pool")
        try:
            codes = [of.codes(column) for of, column in zip(labels, columns, strict=True)]
            people = people_of(labels, codes, counts)
        except TooMany as error:
            raise InvalidRecords([JsonFault("/decisions", str(error))]) from None
        return cls(people, basis, np.array(values, dtype=np.float64))


def people_of(labels: Sequence[Labels], codes: Sequence[NDArray[np.intp]], counts: NDArray[np.int64]) -> People:
    """The people whose sex, race or ethnicity, and pool have these codes (n,), with the labels in ascending order.
    Raises TooMany.
    """
    if counts.sum() > MOST_COUNT:
        raise TooMany(f"There are more than {MOST_COUNT} decisions")
    sexes, races, pools = (len(of) for of in labels)
    if (cells := sexes * races * (1 + pools)) > MOST_CELLS:
        raise TooMany(f"sex, race_ethnicity and pool have {cells} combinations; at most {MOST_CELLS} are compared")
    (sex_labels, sex), (race_labels, race), (pool_labels, pool) = (
        of.in_order(code) for of, code in zip(labels, codes, strict=True)
    )
    return People(sex_labels, race_labels, pool_labels or None, sex, race, pool, counts)


MOST_CELLS = 2000
"""Categories of all intersectional tables together: each is compared, and bounded."""


def _basis(records: Sequence[Decision]) -> Basis:
    """What all records hold. Raises InvalidRecords where there is none, or one that is not like the first."""
    if not records:
        raise InvalidRecords([JsonFault("/decisions", "There should be at least one decision")])
    given = [basis for basis, names in FIELDS.items() if any(name in records[0] for name in names)]
    if len(given) != 1:
        what = "more than one of them" if given else "none of them"
        raise InvalidRecords(
            [JsonFault("/decisions/0", f"A decision should have selected, or score, or {' and '.join(INPUTS)}: {what}")]
        )
    (basis,) = given
    wanted = FIELDS[basis]
    others = [name for kind, names in FIELDS.items() if kind != basis for name in names]
    faults: list[JsonFault] = []
    count = 0
    for i, record in enumerate(records):
        wrong = [JsonFault(f"/decisions/{i}/{name}", "Field required") for name in wanted if name not in record]
        wrong += [
            JsonFault(f"/decisions/{i}/{name}", f"Not beside {wanted[0]}, which the first decision has")
            for name in others
            if name in record
        ]
        count += len(wrong)
        faults += wrong[: ERRORS_LISTED - len(faults)]
    if count:
        raise InvalidRecords(faults, count)
    return basis

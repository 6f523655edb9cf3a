"""The records of employees: what a body may hold, and the columns that the mathematics takes.

A JSON body that json_fast.py leaves to pydantic is checked as typed dictionaries, which are filled three times faster
than models, and becomes columns. A list stops at its first bad record (FailFast): json_careful.py then goes through the
records one at a time, so that a body of nothing but faults needs no more memory than a good one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Literal, NotRequired

import numpy as np
from pydantic import ConfigDict, FailFast, Field, GetCoreSchemaHandler, with_config
from pydantic_core import CoreSchema, core_schema
from typing_extensions import TypedDict

from app.api.bodies.csv_cells import CsvCells
from app.network.parameters import Array

INPUTS = ("years_of_experience", "performance_score")
HIGHEST = {"years_of_experience": 80, "performance_score": 100}
LONGEST_ID = 200
DECISIONS = {"true": 1.0, "yes": 1.0, "y": 1.0, "1": 1.0, "false": 0.0, "no": 0.0, "n": 0.0, "0": 0.0}
"""How a CSV file may write a decision, in any case."""

STRICT = ConfigDict(strict=True, extra="forbid")

EmployeeId = Annotated[
    str | None,
    Field(max_length=LONGEST_ID, description="Comes back exactly as it was sent. Not used for anything else."),
]
YearsOfExperience = Annotated[float, Field(ge=0, le=HIGHEST["years_of_experience"], allow_inf_nan=False)]
PerformanceScore = Annotated[float, Field(ge=0, le=HIGHEST["performance_score"], allow_inf_nan=False)]


@with_config(STRICT)
class Employee(TypedDict):
    """One employee to score."""

    employee_id: NotRequired[EmployeeId]
    years_of_experience: YearsOfExperience
    performance_score: PerformanceScore
    promoted: NotRequired[
        Annotated[Any, Field(description="Ignored, so that the records that were trained on can be scored.")]
    ]


@with_config(STRICT)
class PastDecision(TypedDict):
    """One employee and what was decided."""

    employee_id: NotRequired[EmployeeId]
    years_of_experience: YearsOfExperience
    performance_score: PerformanceScore
    promoted: Annotated[Literal[True, False, 0, 1], Field(description="What was decided: true, false, 1 or 0.")]


@with_config(STRICT)
class EmployeeList(TypedDict):
    """The body of POST /predict."""

    employees: Annotated[list[Employee], FailFast()]


def _contains(*decision: bool | int) -> dict[str, Any]:
    return {"contains": {"properties": {"promoted": {"enum": list(decision)}}, "required": ["promoted"]}}


@with_config(STRICT)
class PastDecisionList(TypedDict):
    """The body of POST /train."""

    employees: Annotated[
        list[PastDecision],
        FailFast(),
        # For the contract alone: trainings/job.py asks for it, with training_data_unusable.
        Field(json_schema_extra={"minItems": 3, "allOf": [_contains(True, 1), _contains(False, 0)]}),
    ]


def as_its_body(cls: Any, _: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
    """Let FastAPI declare and check columns as the JSON body that they come from."""
    return core_schema.no_info_after_validator_function(cls.from_body, handler(cls.body))


@dataclass(frozen=True, eq=False)
class Employees:
    """Employees as columns: ids (None where there is none) and inputs (n, 2), in the order of INPUTS.

    The ids of a CSV body are still its cells: CSV is answered with CSV.
    """

    ids: Sequence[str | None] | CsvCells
    inputs: Array

    body: ClassVar[Any] = EmployeeList
    columns: ClassVar[tuple[str, ...]] = INPUTS
    __get_pydantic_core_schema__ = classmethod(as_its_body)

    @classmethod
    def from_body(cls, body: EmployeeList) -> Employees:
        """The columns of a checked JSON body."""
        records = body["employees"]
        return cls([record.get("employee_id") for record in records], _table(records, cls.columns))

    @classmethod
    def from_columns(cls, ids: Sequence[str | None] | CsvCells, columns: Array) -> Employees:
        """From the columns (n, 2) of a body, in the order of `columns`."""
        return cls(ids, columns)


@dataclass(frozen=True, eq=False)
class PastDecisions:
    """Past decisions as one table (n, 3): the inputs, in the order of INPUTS, and the target, 1 for promoted."""

    table: Array

    body: ClassVar[Any] = PastDecisionList
    columns: ClassVar[tuple[str, ...]] = (*INPUTS, "promoted")
    __get_pydantic_core_schema__ = classmethod(as_its_body)

    @classmethod
    def from_body(cls, body: PastDecisionList) -> PastDecisions:
        """The table of a checked JSON body."""
        return cls(_table(body["employees"], cls.columns))

    @classmethod
    def from_columns(cls, _ids: Sequence[str | None] | CsvCells, columns: Array) -> PastDecisions:
        """From the columns (n, 3) of a body, in the order of `columns`; whose decisions they were, nobody needs."""
        return cls(columns)


def _table(records: Sequence[Any], columns: Sequence[str]) -> Array:
    rows = [[record[column] for column in columns] for record in records]
    return np.array(rows, dtype=np.float64).reshape(len(records), len(columns))

"""The records of employees: what a body may hold, and the columns that the mathematics takes.

json_careful.py checks a body as typed dictionaries, which are filled three times faster than models. A list stops at
its first bad record (FailFast). The careful reader then goes through the records one at a time, so that a body of
nothing but faults needs no more memory than a good one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Literal, NotRequired

import numpy as np
from pydantic import Field, WithJsonSchema

from app.api.bodies import examples
from app.api.bodies.csv_cells import CsvCells
from app.api.bodies.fields import NUMBERS, EmployeeId, list_of, record_of
from app.api.bodies.json_fast import columns_of, ids_of, plain_employees, plain_past_decisions
from app.api.bodies.kinds import Table
from app.api.bodies.reading import read_columns
from app.inputs import NAMES
from app.network.parameters import Array

Employee = record_of(
    "Employee",
    "One employee to score.",
    {
        "employee_id": NotRequired[EmployeeId],
        **NUMBERS,
        "promoted": NotRequired[
            Annotated[Any, Field(description="Ignored, so that the records that were trained on can be scored.")]
        ],
    },
)

Promoted = Annotated[
    Literal[True, False, 0, 1],
    # The same values. An enumeration of booleans and numbers has no type, and generators of clients make a name of each
    # value, for which True and 1 are one.
    WithJsonSchema({"anyOf": [{"type": "boolean"}, {"type": "integer", "enum": [0, 1]}]}),
]

PastDecision = record_of(
    "PastDecision",
    "One employee and what was decided.",
    {
        "employee_id": NotRequired[EmployeeId],
        **NUMBERS,
        "promoted": Annotated[Promoted, Field(description="What was decided: true, false, 1 or 0.")],
    },
)

EmployeeList = list_of(
    "EmployeeList",
    "The body of POST /predict.",
    "employees",
    Employee,
    Field(description="The employees to score. The scores come in the same order."),
)

_PROMOTED: dict[str, Any] = {"properties": {"promoted": {"enum": [True, 1]}}, "required": ["promoted"]}

PastDecisionList = list_of(
    "PastDecisionList",
    "The body of POST /train.",
    "employees",
    PastDecision,
    # For the contract alone: trainings/job.py asks for it, with training_data_unusable.
    Field(
        description="Past decisions, at least 3: of people who were promoted, and of people who were not.",
        json_schema_extra={
            "minItems": 3,
            "contains": _PROMOTED,
            # Not all of them. Generators of clients take a list with `not`, or with `allOf`, for anything at all.
            "if": {"items": _PROMOTED},
            "then": {"maxItems": 0},
        },
    ),
)


@dataclass(frozen=True, eq=False)
class Employees(Table):
    """Employees as columns: ids (None where there is none) and inputs (n, d), in the order of app/inputs.py.

    The ids of a CSV body are still its cells: CSV is answered with CSV.
    """

    ids: Sequence[str | None] | CsvCells
    inputs: Array

    body: ClassVar[Any] = EmployeeList
    example: ClassVar[dict[str, Any]] = examples.EMPLOYEES

    @classmethod
    def fast_json(cls, data: bytes) -> Employees | None:
        """See JsonBody."""
        records = plain_employees(data)
        return None if records is None else cls(ids_of(records), columns_of(records, NAMES))

    @classmethod
    def from_body(cls, body: Any) -> Employees:
        """See JsonBody."""
        records = body["employees"]
        return cls([record.get("employee_id") for record in records], _table(records, NAMES))

    @classmethod
    def from_csv(cls, names: Mapping[str, str], data: bytes) -> Employees:
        """See Table."""
        return cls(*read_columns(data, NAMES, names))


@dataclass(frozen=True, eq=False)
class PastDecisions(Table):
    """Past decisions as one table (n, d + 1): the inputs, in the order of app/inputs.py, and the target, 1 for
    promoted. Nobody needs to know whose decisions they were.
    """

    table: Array

    body: ClassVar[Any] = PastDecisionList
    example: ClassVar[dict[str, Any]] = examples.PAST_DECISIONS
    columns: ClassVar[tuple[str, ...]] = (*NAMES, "promoted")

    @classmethod
    def fast_json(cls, data: bytes) -> PastDecisions | None:
        """See JsonBody."""
        records = plain_past_decisions(data)
        return None if records is None else cls(columns_of(records, cls.columns))

    @classmethod
    def from_body(cls, body: Any) -> PastDecisions:
        """See JsonBody."""
        return cls(_table(body["employees"], cls.columns))

    @classmethod
    def from_csv(cls, names: Mapping[str, str], data: bytes) -> PastDecisions:
        """See Table."""
        _, table = read_columns(data, cls.columns, names)
        return cls(table)


def _table(records: Sequence[Any], columns: Sequence[str]) -> Array:
    rows = [[record[column] for column in columns] for record in records]
    return np.array(rows, dtype=np.float64).reshape(len(records), len(columns))

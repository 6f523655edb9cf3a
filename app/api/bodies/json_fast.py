"""The fast reader: of JSON bodies that are plain and entirely good; of every other body it says None, never why.

msgspec reads and checks an employee in a tenth of a microsecond, straight into a record of fixed fields; pydantic's
typed dictionaries take four times as long, and taking them apart as long again. json_careful.py knows every body and
names every fault; the bodies that this one reads, both read alike (tests/api/bodies/test_json_readers.py).
"""

from collections.abc import Sequence
from typing import Annotated

import numpy as np
from msgspec import UNSET, Meta, Struct, UnsetType
from msgspec.json import Decoder

from app.api.bodies.records import HIGHEST, INPUTS, LONGEST_ID
from app.network.parameters import Array

_Years = Annotated[float, Meta(ge=0, le=HIGHEST["years_of_experience"])]
_Score = Annotated[float, Meta(ge=0, le=HIGHEST["performance_score"])]
_Id = Annotated[str, Meta(max_length=LONGEST_ID)] | UnsetType | None


class PlainEmployee(Struct, forbid_unknown_fields=True, gc=False):
    """An employee to score. UNSET stands for a key that is not there; `promoted` is ignored, and never a text here."""

    years_of_experience: _Years
    performance_score: _Score
    employee_id: _Id = UNSET
    promoted: bool | float | UnsetType | None = UNSET


class PlainPastDecision(Struct, forbid_unknown_fields=True, gc=False):
    """An employee and what was decided."""

    years_of_experience: _Years
    performance_score: _Score
    promoted: bool | Annotated[int, Meta(ge=0, le=1)]
    employee_id: _Id = UNSET


class _Employees(Struct, forbid_unknown_fields=True):
    employees: list[PlainEmployee]


class _PastDecisions(Struct, forbid_unknown_fields=True):
    employees: list[PlainPastDecision]


_employees = Decoder(_Employees).decode
_past_decisions = Decoder(_PastDecisions).decode


def read_plain(body: bytes, fields: Sequence[str]) -> tuple[Sequence[str | None], Array] | None:
    """The ids and the columns (n, len(fields)), or None for a body that json_careful.py has to read."""
    records = plain_employees(body) if fields == INPUTS else plain_past_decisions(body)
    if records is None:
        return None
    columns = np.empty((len(records), len(fields)))
    for k, field in enumerate(fields):
        columns[:, k] = [getattr(record, field) for record in records]
    return [record.employee_id if record.employee_id is not UNSET else None for record in records], columns


def plain_employees(body: bytes) -> list[PlainEmployee] | None:
    """The employees of a body of POST /predict, or None."""
    try:
        records = _employees(body).employees
    except ValueError:  # every error of msgspec's, and of text that is not UTF-8
        return None
    decisions = [record.promoted for record in records]
    keys = 2 * len(records) + len(decisions) - decisions.count(UNSET)
    return records if _repeat_no_key(body, records, keys) else None


def plain_past_decisions(body: bytes) -> list[PlainPastDecision] | None:
    """The records of a body of POST /train, or None."""
    try:
        records = _past_decisions(body).employees
    except ValueError:
        return None
    return records if _repeat_no_key(body, records, 3 * len(records)) else None


def _repeat_no_key(body: bytes, records: Sequence[PlainEmployee | PlainPastDecision], keys: int) -> bool:
    """Whether `employees`, the keys of the records and their ids are all the strings of the body, at two quotes each.

    The parser keeps the last of two equal keys silently: the other is a string more. Nothing takes quotes away, and an
    escaped one within an id adds some, so that equal numbers prove it.
    """
    ids = [record.employee_id for record in records]
    given = len(ids) - ids.count(UNSET)
    return body.count(b'"') == 2 * (1 + keys + given + given - ids.count(None))

"""The fast reader: of JSON bodies that are plain and entirely good; of every other body it says None, never why.

msgspec reads and checks an employee in a tenth of a microsecond, straight into a record of fixed fields; pydantic's
typed dictionaries take four times as long, and taking them apart as long again. json_careful.py knows every body and
names every fault; the bodies that this one reads, both read alike (tests/api/bodies/test_json_readers.py).
"""

from collections.abc import Sequence
from operator import attrgetter
from typing import Annotated, Any

import numpy as np
from msgspec import UNSET, Meta, Struct, UnsetType, defstruct
from msgspec.json import Decoder

from app.api.bodies.fields import LONGEST_ID
from app.inputs import INPUTS, NAMES
from app.network.parameters import Array

_Numbers: list[Any] = [(each.name, Annotated[float, Meta(ge=0, le=each.highest)]) for each in INPUTS]
_Id = Annotated[str, Meta(max_length=LONGEST_ID)] | UnsetType | None
_Ignored = bool | float | UnsetType | None
_Decision = bool | Annotated[int, Meta(ge=0, le=1)]

PlainEmployee: Any = defstruct(
    "PlainEmployee",
    [*_Numbers, ("employee_id", _Id, UNSET), ("promoted", _Ignored, UNSET)],
    forbid_unknown_fields=True,
    gc=False,
)
"""An employee to score. UNSET stands for a key that is not there. `promoted` is ignored, and never a text here."""

PlainPastDecision: Any = defstruct(
    "PlainPastDecision",
    [*_Numbers, ("promoted", _Decision), ("employee_id", _Id, UNSET)],
    forbid_unknown_fields=True,
    gc=False,
)
"""An employee and what was decided."""


class _Employees(Struct, forbid_unknown_fields=True):
    employees: list[PlainEmployee]


class _PastDecisions(Struct, forbid_unknown_fields=True):
    employees: list[PlainPastDecision]


_employees = Decoder(_Employees).decode
_past_decisions = Decoder(_PastDecisions).decode

inputs_of = attrgetter(*NAMES)
"""The inputs of a record, a tuple in the order of app/inputs.py."""


def plain_employees(body: bytes) -> list[Any] | None:
    """The employees of a body of POST /predict, each a PlainEmployee. None for a body that is to be read carefully."""
    try:
        records = _employees(body).employees
    except ValueError:  # every error of msgspec's, and of text that is not UTF-8
        return None
    decisions = [record.promoted for record in records]
    keys = len(NAMES) * len(records) + len(decisions) - decisions.count(UNSET)
    return records if _repeat_no_key(body, records, keys) else None


def plain_past_decisions(body: bytes) -> list[Any] | None:
    """The records of a body of POST /train, each a PlainPastDecision, or None."""
    try:
        records = _past_decisions(body).employees
    except ValueError:
        return None
    return records if _repeat_no_key(body, records, (len(NAMES) + 1) * len(records)) else None


def ids_of(records: Sequence[Any]) -> list[str | None]:
    """The ids of records; None where there is none."""
    return [record.employee_id if record.employee_id is not UNSET else None for record in records]


def columns_of(records: Sequence[Any], fields: Sequence[str]) -> Array:
    """These fields of records as columns (n, len(fields))."""
    columns = np.empty((len(records), len(fields)))
    for k, field in enumerate(fields):
        columns[:, k] = [getattr(record, field) for record in records]
    return columns


def _repeat_no_key(body: bytes, records: Sequence[Any], keys: int) -> bool:
    """Whether `employees`, the keys of the records and their ids are all the strings of the body, at two quotes each.

    The parser keeps the last of two equal keys silently: the other is a string more. Nothing takes quotes away, and an
    escaped one within an id adds some, so that equal numbers prove it.
    """
    ids = [record.employee_id for record in records]
    given = len(ids) - ids.count(UNSET)
    return body.count(b'"') == 2 * (1 + keys + given + given - ids.count(None))

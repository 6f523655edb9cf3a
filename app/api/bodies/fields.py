"""The fields of records: what each may hold, as JSON and as text. And the typed dictionaries that are made of them."""

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import ConfigDict, FailFast, Field, with_config
from typing_extensions import TypedDict

from app.inputs import INPUTS

STRICT = ConfigDict(strict=True, extra="forbid")

LONGEST_ID = 200
"""Characters of an id, and of a label."""

DECISIONS = {"true": 1.0, "yes": 1.0, "y": 1.0, "1": 1.0, "false": 0.0, "no": 0.0, "n": 0.0, "0": 0.0}
"""How a CSV file may write a decision, in any case."""

EmployeeId = Annotated[
    str | None,
    Field(max_length=LONGEST_ID, description="Comes back exactly as it was sent. Not used for anything else."),
]

NUMBERS: dict[str, Any] = {
    each.name: Annotated[float, Field(ge=0, le=each.highest, allow_inf_nan=False, description=each.description)]
    for each in INPUTS
}
"""The type of each input."""


def record_of(name: str, sentence: str, fields: Mapping[str, Any], config: ConfigDict = STRICT) -> Any:
    """The typed dictionary of a record. The sentence is for the contract."""
    record: Any = TypedDict(name, dict(fields))  # type: ignore[misc]
    record.__doc__ = sentence
    return with_config(config)(record)


def list_of(name: str, sentence: str, key: str, record: Any, of_list: Any) -> Any:
    """The typed dictionary of a body: a list of records under a key. `of_list` is a Field, for the contract alone.

    The list stops at its first bad record.
    """
    records = Annotated[list[record], FailFast(), of_list]
    return record_of(name, sentence, {key: records})

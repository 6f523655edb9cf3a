"""The records of POST /audit: whom decisions were about, and what happened to them or how they scored."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from app.api.audit.csv_records import read_decisions
from app.api.audit.labels import Labels, TooMany, people_of
from app.api.audit.schema import FIELDS, Basis, DecisionList, Declared
from app.api.bodies import examples
from app.api.bodies.kinds import Table
from app.errors import ERRORS_LISTED, InvalidRecords, JsonFault
from app.impact.audit import People
from app.inputs import NAMES
from app.network.parameters import Array


@dataclass(frozen=True, eq=False)
class Decisions(Table):
    """Decisions as columns: the people; and, by their basis, whether they were selected (n, 1), their scores (n, 1), or
    the inputs (n, d) that the service scores.
    """

    people: People
    basis: Basis
    values: Array

    body: ClassVar[Any] = DecisionList
    declared: ClassVar[Any] = Declared
    example: ClassVar[dict[str, Any]] = examples.DECISIONS

    @classmethod
    def from_body(cls, body: Any) -> Decisions:
        """See JsonBody. Raises InvalidRecords also when the records are not alike."""
        records = body["decisions"]
        basis = _basis(records)
        values = [[record[name] for name in FIELDS[basis]] for record in records]
        columns = [[str(record.get(name) or "") for record in records] for name in ("sex", "race_ethnicity", "pool")]
        counts = np.array([record.get("count", 1) for record in records], dtype=np.int64)
        labels = Labels("sex"), Labels("race_ethnicity"), Labels("pool")
        try:
            codes = [of.codes(column) for of, column in zip(labels, columns, strict=True)]
            people = people_of(labels, codes, counts)
        except TooMany as error:
            raise InvalidRecords([JsonFault("/decisions", str(error))]) from None
        return cls(people, basis, np.array(values, dtype=np.float64))

    @classmethod
    def from_csv(cls, names: Mapping[str, str], data: bytes) -> Decisions:
        """See Table."""
        return cls(*read_decisions(names, data))


def _basis(records: Sequence[dict[str, Any]]) -> Basis:
    """What all records hold. Raises InvalidRecords where there is none, or one that is not like the first."""
    if not records:
        raise InvalidRecords([JsonFault("/decisions", "There should be at least one decision")])
    given = [basis for basis, names in FIELDS.items() if any(name in records[0] for name in names)]
    if len(given) != 1:
        what = "more than one of them" if given else "none of them"
        raise InvalidRecords(
            [JsonFault("/decisions/0", f"A decision should have selected, or score, or {' and '.join(NAMES)}: {what}")]
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

"""Example bodies, which work as they stand: training on these employees makes a real model."""

from typing import Any

from app.inputs import INPUTS, NAMES

_PROMOTED = {5, 7, 9, 10, 12, 14, 15, 17, 18, 20}
_IDS = [f"E-{1000 + number}" for number in range(1, 21)]
_ROWS = list(zip(*(each.examples for each in INPUTS), strict=True))
_EMPLOYEES: list[dict[str, Any]] = [
    {"employee_id": employee_id} | dict(zip(NAMES, row, strict=True))
    for employee_id, row in zip(_IDS, _ROWS, strict=True)
]

PAST_DECISIONS = {
    "employees": [employee | {"promoted": i in _PROMOTED} for i, employee in enumerate(_EMPLOYEES, start=1)]
}
EMPLOYEES = {"employees": _EMPLOYEES[8:11]}
TENSORS = {
    "inputs": [
        {
            "name": "employees",
            "shape": [3, len(NAMES)],
            "datatype": "FP64",
            "data": [list(row) for row in _ROWS[8:11]],
        }
    ]
}
_AUDITED = (
    ("Male", "White", True, 41), ("Male", "White", False, 38), ("Male", "Black", True, 9), ("Male", "Black", False, 4),
    ("Female", "White", True, 25), ("Female", "White", False, 32), ("Female", "Black", True, 9),
    ("Female", "Black", False, 10), ("Female", "", False, 3), ("", "", True, 1),
)  # fmt: skip
DECISIONS: dict[str, list[dict[str, object]]] = {
    "decisions": [dict(zip(("sex", "race_ethnicity", "selected", "count"), row, strict=True)) for row in _AUDITED]
}
"""Male 50 of 92, Female 34 of 79: the rule's own example, and four of whom something is unknown. That is an empty label
here: FastAPI leaves every null out of the contract, in examples too.
"""


def as_csv(body: dict[str, list[dict[str, object]]]) -> str:
    """The same records as a CSV file."""
    (records,) = body.values()
    rows: list[list[object]] = [list(records[0]), *(list(record.values()) for record in records)]
    return "".join(",".join(str(cell) for cell in row) + "\n" for row in rows)

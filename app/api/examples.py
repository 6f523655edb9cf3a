"""Example bodies, which work as they stand: training on these employees makes a real model."""

_DECISIONS = [
    ("E-1001", 1.0, 55, False),
    ("E-1002", 2.5, 71, False),
    ("E-1003", 3.0, 88, False),
    ("E-1004", 4.0, 62, False),
    ("E-1005", 4.5, 90, True),
    ("E-1006", 5.0, 78, False),
    ("E-1007", 5.5, 84, True),
    ("E-1008", 6.0, 69, False),
    ("E-1009", 6.5, 82, True),
    ("E-1010", 7.0, 75, True),
    ("E-1011", 7.5, 58, False),
    ("E-1012", 8.0, 91, True),
    ("E-1013", 9.0, 66, False),
    ("E-1014", 9.5, 80, True),
    ("E-1015", 10.0, 73, True),
    ("E-1016", 11.0, 61, False),
    ("E-1017", 12.0, 85, True),
    ("E-1018", 14.0, 70, True),
    ("E-1019", 16.0, 52, False),
    ("E-1020", 18.0, 77, True),
]
_FIELDS = ("employee_id", "years_of_experience", "performance_score", "promoted")

PAST_DECISIONS = {"employees": [dict(zip(_FIELDS, decision, strict=True)) for decision in _DECISIONS]}
EMPLOYEES = {"employees": [dict(zip(_FIELDS[:3], decision, strict=False)) for decision in _DECISIONS[8:11]]}
TENSORS = {
    "inputs": [
        {
            "name": "employees",
            "shape": [3, 2],
            "datatype": "FP64",
            "data": [list(decision[1:3]) for decision in _DECISIONS[8:11]],
        }
    ]
}
_AUDITED = (
    ("Male", "White", True, 41), ("Male", "White", False, 38), ("Male", "Black", True, 9), ("Male", "Black", False, 4),
    ("Female", "White", True, 25), ("Female", "White", False, 32), ("Female", "Black", True, 9),
    ("Female", "Black", False, 10), ("Female", None, False, 3), (None, None, True, 1),
)  # fmt: skip
DECISIONS: dict[str, list[dict[str, object]]] = {
    "decisions": [dict(zip(("sex", "race_ethnicity", "selected", "count"), row, strict=True)) for row in _AUDITED]
}
"""Male 50 of 92, Female 34 of 79: the rule's own example, and four of whom something is unknown."""


def as_csv(body: dict[str, list[dict[str, object]]]) -> str:
    """The same records as a CSV file."""
    (records,) = body.values()
    rows: list[list[object]] = [list(records[0]), *(list(record.values()) for record in records)]
    return "".join(",".join("" if cell is None else str(cell) for cell in row) + "\n" for row in rows)

"""The header of a CSV body: which columns are missing, and what the file has, unless its first line is data."""

import pytest

RECORDS = [
    "E-1042,6.5,82,true",
    "Ann Smith,Sales,82",
    "Müller,7 years,Sales",
    'Ann Smith,"6,5","82,5",ja',
    "Ann;Smith;6,5;82,0;ja",
    "Ann Smith,+6.5,Sales",
    "Ann Smith,Sales,yes",
    "Ann Smith,,Sales",
    "Ann Smith",
    "Ann Smith\t6\t82",
    "Ann Smith,٣,Sales",
    "Ann Smith,2024-05-01,Sales",
    "Ann Smith,82%,Sales",
    "Ann Smith,-,6",
    "Ann Smith," + "Sales" * 41,
]


def test_a_missing_column_and_what_the_file_has(empty, faults):
    answer = faults(empty.post("/train", "\n id , Years, performance_score\n1,2,3\n"))
    has = "The column is missing; the file has the columns id, Years, performance_score"
    assert answer == [
        {"row": 2, "column": "years_of_experience", "message": has},
        {"row": 2, "column": "promoted", "message": has},
    ]


def test_a_doubled_column(empty, faults):
    answer = faults(empty.post("/predict", "years_of_experience,performance_score,performance_score\n1,2,3\n"))
    assert [fault["column"] for fault in answer] == ["performance_score"]
    assert answer[0]["message"].startswith("The column is given more than once; the file has the columns years")


def test_a_doubled_id_and_a_doubled_column_that_nobody_asks_for(empty, trained, faults):
    body = "employee_id,years_of_experience,performance_score,employee_id\na,1,2,b\n"
    assert [fault["column"] for fault in faults(empty.post("/predict", body))] == ["employee_id"]
    body = "bonus,years_of_experience,performance_score,bonus\na,1,2,b\n"
    assert len(trained.post("/predict", body).text.splitlines()) == 2


def test_a_column_that_was_named_is_missing(empty, faults):
    body = "employee_id,years_of_experience,performance_score,promoted\nE-1,1,2,y\n"
    for field in ("employee_id", "years_of_experience", "performance_score", "promoted"):
        (fault,) = faults(empty.post(f"/train?column.{field}=elsewhere", body))
        assert (fault["row"], fault["column"]) == (1, "elsewhere")
        assert "the file has the columns employee_id, years_of_experience" in fault["message"]


def test_names_are_compared_with_their_case(empty, faults):
    answer = faults(empty.post("/predict", "Years_of_experience,performance_score\n1,2\n"))
    assert [fault["column"] for fault in answer] == ["years_of_experience"]


@pytest.mark.parametrize("path", ["/train", "/predict"])
@pytest.mark.parametrize("line", RECORDS)
def test_a_line_of_data_is_never_echoed(empty, faults, line, path):
    answer = empty.post(path, f"{line}\n{line}\n")
    assert {fault["message"] for fault in faults(answer)} == {"The column is missing"}
    assert "Ann" not in answer.text
    assert "1042" not in answer.text

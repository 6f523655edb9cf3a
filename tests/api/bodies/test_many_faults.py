"""Very many faults: the first hundred in the order of the body, and the count of all."""

import pytest

GOOD = {"years_of_experience": 1, "performance_score": 2, "promoted": 1}
HEADER = "years_of_experience,performance_score,promoted\n"


@pytest.fixture(scope="module")
def first_hundred(trained, problem):
    """The errors of an answer that counts more than it lists."""

    def send(body, count):
        document = problem(trained.post("/train", body), "invalid_records", 422)
        assert document["error_count"] == count
        assert document["detail"] == f"The body has {count} errors."
        assert len(document["errors"]) == 100
        return document["errors"]

    return send


def test_ten_thousand_bad_records(first_hundred):
    errors = first_hundred([GOOD | {"performance_score": 101}] * 10_000, 10_000)
    assert [error["pointer"] for error in errors] == [f"/employees/{i}/performance_score" for i in range(100)]


def test_ten_thousand_bad_rows(first_hundred):
    errors = first_hundred(HEADER + "1,101,1\n" * 10_000, 10_000)
    assert [(error["row"], error["column"]) for error in errors] == [(i, "performance_score") for i in range(2, 102)]


def test_every_fault_of_a_record_counts(first_hundred):
    errors = first_hundred([GOOD] * 7 + [{"years_of_experience": -1, "promoted": 2, "x": 1}] * 60, 240)
    assert [error["pointer"].split("/")[2] for error in errors] == [str(7 + i // 4) for i in range(100)]
    assert {error["pointer"].split("/")[3] for error in errors} == {*GOOD, "x"}


def test_the_order_is_the_bodys_whatever_the_kind_of_fault(first_hundred):
    twice = '{"years_of_experience": 1, "years_of_experience": 1, "performance_score": 2, "promoted": 1}'
    wrong = '{"years_of_experience": 1, "performance_score": -2, "promoted": 1}'
    records = ", ".join([wrong] * 5 + [twice] * 300 + [wrong] * 200)
    errors = first_hundred(b'{"employees": [%s]}' % records.encode(), 505)
    assert [error["pointer"].split("/")[2] for error in errors] == [str(i) for i in range(100)]
    assert [error["pointer"].split("/")[3] for error in errors[4:6]] == ["performance_score", "years_of_experience"]


def test_the_order_is_the_files_whatever_the_column(first_hundred):
    rows = ["1,2,1", "1,2,maybe", "1,200,1", "1,2"] + ["90,2,1"] * 150 + ["1,2,1"] * 9000 + ["1,-1,0"] * 30
    errors = first_hundred(HEADER + "\n".join(rows), 183)
    assert [error["row"] for error in errors] == list(range(3, 103))
    assert [error["column"] for error in errors[:4]] == ["promoted", "performance_score", None, "years_of_experience"]

"""A bad CSV body: every fault by row and column, as the file names them."""

import pytest

HEADER = "employee_id,years_of_experience,performance_score,promoted"
GOOD = "E-1,1,2,yes"
BOUNDS = {"years_of_experience": 80, "performance_score": 100}


@pytest.fixture(scope="module")
def places(empty, faults):
    """Row and column of every fault of the rows under HEADER, sent to POST /train."""

    def send(*rows, header=HEADER, query=""):
        body = "\n".join([header, *rows])
        return [(fault["row"], fault["column"]) for fault in faults(empty.post(f"/train{query}", body))]

    return send


@pytest.mark.parametrize(
    "cell",
    ["", " ", "x", "1_000", "1_0", "٣", "３", '"6,5"', "NaN", "inf", "1e400", "-1", "-0.1", "0x10", "1e", ".", "1 0",
     "1.0.0", "--1", "true", "9" * 5000, "²", "½", "1\u00a0000", "\u2212" + "1", "'1", "=1"],
)  # fmt: skip
@pytest.mark.parametrize("field", BOUNDS)
def test_cells_that_are_no_number(empty, faults, field, cell):
    row = {"years_of_experience": f"E-2,{cell},2,no", "performance_score": f"E-2,1,{cell},no"}[field]
    assert faults(empty.post("/train", "\n".join([HEADER, GOOD, row]))) == [
        {"row": 3, "column": field, "message": f"The cell should be a number from 0 to {BOUNDS[field]}"}
    ]


@pytest.mark.parametrize("cell", [" 5 ", "1e1", "+5", "5.", ".5", "0005", "80", "0", "8E+1", "-0", "\t5", "1e-400"])
def test_cells_that_are_numbers(trained, cell):
    answer = trained.post("/predict", f"years_of_experience,performance_score\n{cell},{cell}\n")
    same = trained.post("/predict", [{"years_of_experience": float(cell), "performance_score": float(cell)}]).json()
    assert float(answer.text.splitlines()[1].split(",")[1]) == same["predictions"][0]["probability"]


@pytest.mark.parametrize("cell", ["", "2", "ja", "t", "-1", "1.0", "true false", "ｙ"])
def test_cells_that_are_no_decision(empty, faults, cell):
    (fault,) = faults(empty.post("/train", f"{HEADER}\n{GOOD}\nE-2,1,2,{cell}\n"))
    assert fault == {
        "row": 3, "column": "promoted", "message": "The cell should be true, false, yes, no, y, n, 1 or 0",
    }  # fmt: skip


def test_bounds(places):
    assert places("a,80,100,y", "b,80.01,100,n", "c,80,100.01,n", "d,1e2,1,n") == [
        (3, "years_of_experience"), (4, "performance_score"), (5, "years_of_experience"),
    ]  # fmt: skip


def test_an_id_of_201_characters(places):
    assert places("x" * 200 + ",1,2,y", "é" * 201 + ",1,2,y") == [(3, "employee_id")]


def test_ragged_rows(empty, faults):
    rows = [GOOD, "E-2,1,2", GOOD, "E-3,1,2,no,5", ",,", GOOD + ","]
    answer = faults(empty.post("/train", "\n".join([HEADER, *rows])))
    assert [(fault["row"], fault["column"]) for fault in answer] == [(3, None), (5, None), (6, None), (7, None)]
    assert [fault["message"] for fault in answer[:2]] == [
        "The row has 3 cells, the header has 4", "The row has 5 cells, the header has 4",
    ]  # fmt: skip


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_rows_are_lines_of_the_file(empty, faults, newline):
    lines = ["", "", HEADER, GOOD, "", '"a', 'b",1,2,yes', '"c', "", 'd",-1,2,yes', "e,1,x,no", "", "f,1,2,?", ""]
    answer = faults(empty.post("/train", newline.join(lines)))
    assert [(fault["row"], fault["column"]) for fault in answer] == [
        (8, "years_of_experience"), (11, "performance_score"), (13, "promoted"),
    ]  # fmt: skip


def test_faults_name_the_column_as_the_file_does(places):
    query = "?column.promoted=is_promoted&column.years_of_experience=length_of_service"
    header = "employee_id,length_of_service,performance_score,is_promoted"
    assert places("a,-1,200,?", header=header, query=query) == [
        (2, "length_of_service"), (2, "performance_score"), (2, "is_promoted"),
    ]  # fmt: skip


@pytest.mark.parametrize("end", [b"", b"\n"])
def test_bytes_that_are_not_utf_8(empty, faults, end):
    for line, body in ((1, b"employee_id\xff"), (3, f"{HEADER}\r\n{GOOD}\r\nZo".encode() + b"\xeb,1,2,yes" + end)):
        assert faults(empty.post("/train", body, "text/csv")) == [
            {"row": line, "column": None, "message": "The line holds bytes that are not UTF-8"}
        ]
    answer = empty.post("/train", f"{HEADER}\n{GOOD}".encode("utf-16"), "text/csv")
    assert faults(answer)[0]["row"] == 1


def test_a_quote_that_is_never_closed(empty, faults):
    (fault,) = faults(empty.post("/train", f'{HEADER}\n{GOOD}\nE-2,1,"2,no\n{GOOD}\n{GOOD}'))
    assert (fault["row"], fault["column"]) == (3, None)
    assert "cannot be read" in fault["message"]


def test_text_behind_a_closing_quote(empty, faults):
    (fault,) = faults(empty.post("/train", f'{HEADER}\n{GOOD}\n{GOOD}\n"E-2"x,1,2,no\n'))
    assert (fault["row"], fault["column"]) == (4, None)


@pytest.mark.parametrize("body", ["", "\n\n", "\r\n", "\ufeff"])
def test_an_empty_file(empty, faults, body):
    assert faults(empty.post("/predict", body)) == [
        {"row": 1, "column": None, "message": "The body is empty: the first row must name the columns"}
    ]

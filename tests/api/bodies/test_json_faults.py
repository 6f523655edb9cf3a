"""A bad JSON body: every fault at its pointer, in the order of the body, counted to the end."""

import json

import pytest

GOOD = {"years_of_experience": 1, "performance_score": 2}
DECISION = GOOD | {"promoted": True}
TWICE = "The key is given more than once"


@pytest.fixture(scope="module")
def pointers(empty, faults):
    """The pointers of the faults of a body (bytes, or what json.dumps makes of it) to POST /train."""

    def send(body):
        body = body if isinstance(body, bytes) else json.dumps(body).encode()
        return [fault["pointer"] for fault in faults(empty.post("/train", body))]

    return send


@pytest.mark.parametrize(
    "fault",
    [
        ("years_of_experience", 80.5, "Input should be less than or equal to 80"),
        ("years_of_experience", -0.001, "Input should be greater than or equal to 0"),
        ("performance_score", 100.0001, "Input should be less than or equal to 100"),
        ("performance_score", -1, "Input should be greater than or equal to 0"),
        ("performance_score", "82", "Input should be a valid number"),
        ("performance_score", True, "Input should be a valid number"),
        ("performance_score", None, "Input should be a valid number"),
        ("performance_score", [82], "Input should be a valid number"),
        ("performance_score", float("nan"), "Input should be a finite number"),
        ("performance_score", float("inf"), "Input should be a finite number"),
        ("years_of_experience", float("-inf"), "Input should be a finite number"),
        ("employee_id", 1042, "Input should be a valid string"),
        ("employee_id", "x" * 201, "String should have at most 200 characters"),
        ("salary", 1, "There is no such field"),
        ("Years_Of_Experience", 1, "There is no such field"),
    ],
)
@pytest.mark.parametrize("path", ["/train", "/predict"])
def test_a_bad_value_is_named(empty, faults, fault, path):
    name, value, message = fault
    body = {"employees": [DECISION, DECISION | {name: value}]}
    assert faults(empty.post(path, json.dumps(body).encode())) == [
        {"pointer": f"/employees/1/{name}", "message": message}
    ]


@pytest.mark.parametrize("value", ["true", "yes", "1", 2, -1, 0.5, None, [], float("nan")], ids=str)
def test_a_decision_is_true_false_0_or_1(empty, faults, value):
    answer = empty.post("/train", [DECISION, DECISION | {"promoted": value}])
    assert faults(answer) == [{"pointer": "/employees/1/promoted", "message": "Input should be True, False, 0 or 1"}]


@pytest.mark.parametrize("number", ["1e400", "-1e400", "NaN", "Infinity", "-Infinity"])
def test_numbers_that_are_not_finite(pointers, number):
    body = b'{"employees": [{"years_of_experience": %s, "performance_score": 2, "promoted": 1}]}' % number.encode()
    assert pointers(body) == ["/employees/0/years_of_experience"]


@pytest.mark.parametrize("field", ["years_of_experience", "promoted", "employee_id", "salary"])
@pytest.mark.parametrize("path", ["/train", "/predict"])
def test_an_integer_of_5000_digits(empty, faults, field, path):
    record = json.dumps(DECISION | {field: 0}).replace(f'"{field}": 0', f'"{field}": {"9" * 5000}')
    (fault,) = faults(empty.post(path, b'{"employees": [%s]}' % record.encode()))
    assert fault["pointer"] in ("", f"/employees/0/{field}")
    assert "9999" not in fault["message"]


@pytest.mark.parametrize("field", ["years_of_experience", "performance_score", "promoted"])
def test_a_missing_field_is_named(empty, faults, field):
    body = [DECISION, {name: value for name, value in DECISION.items() if name != field}]
    assert faults(empty.post("/train", body)) == [{"pointer": f"/employees/1/{field}", "message": "Field required"}]


def test_records_that_are_none(pointers):
    assert pointers({"employees": [1, DECISION, None, [], "x"]}) == [f"/employees/{i}" for i in (0, 2, 3, 4)]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ([], ""),
        (None, ""),
        ("text", ""),
        ({}, "/employees"),
        ({"employees": None}, "/employees"),
        ({"employees": {"0": DECISION}}, "/employees"),
        ({"employees": [], "threshold": 0.5}, "/threshold"),
        ({"employees": [], "a/b~c": 0}, "/a~1b~0c"),
    ],
    ids=str,
)
def test_bodies_of_another_shape(pointers, body, expected):
    assert pointers(body) == [expected]


@pytest.mark.parametrize("path", ["/train", "/predict"])
@pytest.mark.parametrize("body", [b"", b" \r\n\t", b"\xef\xbb\xbf"])
def test_an_empty_body(empty, faults, path, body):
    assert faults(empty.post(path, body)) == [{"pointer": "", "message": "The body is empty"}]


@pytest.mark.parametrize(
    ("body", "line", "column"),
    [
        (b'{"employees": [}', 1, 16),
        (b'{"employees":\n [\n  {"years_of_experience": 1,}\n]}', 3, 29),
        (b"employee_id,promoted\n", 1, 1),
        (b'{"employees": []} x', 1, 19),
        (b'{"employees": [', 1, 15),
        (b"{'employees': []}", 1, 2),
        (b'{"employees": ["\xff"]}', 1, 17),
        (b'{"employees": ["\\ud800"]}', 1, 23),
        (b'{"employees": [' + b"[" * 500, 1, 215),
    ],
)
def test_malformed_json_by_line_and_column(empty, faults, body, line, column):
    (fault,) = faults(empty.post("/train", body))
    assert fault["pointer"] == ""
    assert fault["message"].startswith("Invalid JSON: ")
    assert fault["message"].endswith(f" at line {line} column {column}")


def test_a_byte_order_mark_is_no_fault(trained):
    body = json.dumps({"employees": [GOOD]}).encode()
    assert trained.post("/predict", b"\xef\xbb\xbf" + body).json() == trained.post("/predict", body).json()


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b'{"employees": [], "employees": []}', [""]),
        (b'{"employees": [], "\\u0065mployees": []}', [""]),
        (b'{"employees": [%s, {"years_of_experience": 1, "years_of_experience": 1, %r}]}', ["/1/years_of_experience"]),
        (b'{"employees": [%s, {"years_of_experience": 1, %r, "promote\\u0064": 0}]}', ["/1/promoted"]),
        (b'{"employees": [%s, {"x": 1, "x": 2, "years_of_experience": 1, %r}]}', ["/1/x", "/1/x"]),
        (
            b'{"employees": [{"promoted": 1, "years_of_experience": 1, "years_of_experience": -1}, %s, 5]}',
            ["/0/years_of_experience", "/0/years_of_experience", "/0/performance_score", "/2"],
        ),
        (b'{"a": 1, "a": 2, "employees": [%s]}', ["/a", "/a"]),
    ],
    ids=["top", "top escaped", "record", "record escaped", "unknown", "among others", "top unknown"],
)
def test_keys_given_twice(pointers, body, expected):
    good = json.dumps(DECISION).encode()
    body = body.replace(b"%s", good).replace(b"%r", b'"performance_score": 2, "promoted": 1')
    assert sorted(pointer.removeprefix("/employees") for pointer in pointers(body)) == sorted(expected)


def test_keys_that_only_look_repeated(trained):
    record = GOOD | {"employee_id": '"performance_score"', "promoted": {"employees": ["years_of_experience"]}}
    assert trained.post("/predict", [record]).json()["predictions"][0]["employee_id"] == '"performance_score"'
    record = GOOD | {"employee_id": "performance_score", "promoted": {"promoted": [{"promoted": 1}]}}
    assert trained.post("/predict", [record]).json()["predictions"][0]["employee_id"] == "performance_score"


def test_a_key_given_twice_is_refused_by_predict_and_not_inside_what_is_ignored(trained, faults):
    body = b'{"employees": [{"years_of_experience": 1, "performance_score": 2, "performance_score": 2}]}'
    assert faults(trained.post("/predict", body)) == [{"pointer": "/employees/0/performance_score", "message": TWICE}]

"""What an inference request can have wrong: the protocol's error, which names the tensor and never repeats a value."""

import numpy as np
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.api.open_inference.outputs import DATATYPES
from tests.contract import CONTRACT

INFER = "/v2/models/promotion/infer"
EMPLOYEES = {"name": "employees", "shape": [2, 2], "datatype": "FP64", "data": [6.5, 82, 7, 75]}
YEARS = {"name": "years_of_experience", "shape": [2], "datatype": "FP64", "data": [6.5, 7]}
SCORES = {"name": "performance_score", "shape": [2], "datatype": "INT64", "data": [82, 75]}
SECRET = 7719.125
OUTPUTS = list(DATATYPES)


def error(answer, status=400):
    """The message of the protocol's error, and nothing but that."""
    assert answer.status_code == status, answer.text
    assert answer.headers["Content-Type"] == "application/json"
    (message,) = answer.json().values()
    assert list(answer.json()) == ["error"]
    assert "7719" not in message
    return message


FAULTS = [
    (
        [EMPLOYEES | {"data": [6.5, 82, SECRET, 75]}],
        "employees, row 1, years_of_experience: should be a number from 0 to 80.",
    ),
    (
        [EMPLOYEES | {"data": [6.5, -SECRET, 7, 75]}],
        "employees, row 0, performance_score: should be a number from 0 to 100.",
    ),
    ([YEARS | {"data": [1, SECRET]}, SCORES], "years_of_experience, row 1: should be a number from 0 to 80."),
    ([YEARS, SCORES | {"data": [101, 7719]}], "performance_score, row 0: should be a number from 0 to 100."),
    (
        [YEARS, SCORES | {"data": [10, 77.19]}],
        "The data of performance_score should be whole numbers, or its datatype FP64 or FP32.",
    ),
    ([EMPLOYEES | {"data": [6.5, 82, "7719", 75]}], "The data of employees should be numbers; in row 1 one is not."),
    ([EMPLOYEES | {"data": [True, 82, 7, 75]}], "The data of employees should be numbers; in row 0 one is not."),
    ([EMPLOYEES | {"data": [6.5, None, 7, 75]}], "The data of employees should be numbers; in row 0 one is not."),
    ([EMPLOYEES | {"data": [6.5, [82], 7, 75]}], "The data of employees should be numbers; in row 0 one is not."),
    ([EMPLOYEES | {"data": [[6.5, 82], [7]]}], "The lists in the data of employees are not as its shape says."),
    ([EMPLOYEES | {"data": [[6.5, 82], 7]}], "The lists in the data of employees are not as its shape says."),
    ([YEARS | {"data": [[1], [2]]}, SCORES], "The lists in the data of years_of_experience are not as its shape says."),
    ([EMPLOYEES | {"data": [6.5, 82, 7]}], "The data of employees has 3 numbers; its shape says 4."),
    ([EMPLOYEES | {"shape": [2**63, 2]}], f"The data of employees has 4 numbers; its shape says {2**64}."),
    ([EMPLOYEES | {"shape": [4]}], "The shape of employees should be [n, 2]."),
    ([EMPLOYEES | {"shape": [1, 4]}], "The shape of employees should be [n, 2]."),
    ([YEARS | {"shape": [1, 2]}, SCORES], "The shape of years_of_experience should be [n] or [n, 1]."),
    (
        [YEARS | {"shape": [1], "data": [1]}, SCORES],
        "years_of_experience and performance_score should have the same number of rows.",
    ),
    ([YEARS], "The inputs should be employees, or years_of_experience and performance_score."),
    ([EMPLOYEES, SCORES], "The inputs should be employees, or years_of_experience and performance_score."),
    ([EMPLOYEES, EMPLOYEES], "An input is given more than once."),
    ([YEARS, YEARS, SCORES], "/inputs: List should have at most 2 items after validation, not 3"),
    (
        [{key: value for key, value in EMPLOYEES.items() if key != "data"}],
        "employees should have either data or the parameter binary_data_size.",
    ),
    (
        [EMPLOYEES | {"parameters": {"binary_data_size": 32}}],
        "employees should have either data or the parameter binary_data_size.",
    ),
    (
        [EMPLOYEES | {"parameters": {"binary_data_size": -1}}],
        "/inputs/0/parameters/binary_data_size (employees): Input should be greater than or equal to 0",
    ),
    (
        [EMPLOYEES | {"datatype": "BYTES"}],
        "/inputs/0/datatype (employees): Input should be 'FP64', 'FP32', 'INT64' or 'INT32'",
    ),
    (
        [EMPLOYEES | {"name": "E-7719"}],
        "/inputs/0/name: Input should be 'employees', 'years_of_experience' or 'performance_score'",
    ),
    ([EMPLOYEES | {"shape": [2.0, 2]}], "/inputs/0/shape/0 (employees): Input should be a valid integer"),
    ([EMPLOYEES | {"shape": [-2, 2]}], "/inputs/0/shape/0 (employees): Input should be greater than or equal to 0"),
    ([EMPLOYEES | {"data": "7719"}], "/inputs/0/data (employees): Input should be a valid list"),
    ([], "/inputs: List should have at least 1 item after validation, not 0"),
    (["7719"], "/inputs/0: Input should be a valid dictionary"),
]


@pytest.mark.parametrize(("inputs", "message"), FAULTS)
def test_faulty_tensors(trained, inputs, message):
    assert error(trained.post(INFER, {"inputs": inputs})) == message


@pytest.mark.parametrize(
    ("rest", "message"),
    [
        (
            {"outputs": [{"name": "E-7719"}]},
            f"/outputs/0/name: Input should be {', '.join(map(repr, OUTPUTS[:-1]))} or {OUTPUTS[-1]!r}",
        ),
        ({"outputs": [{"name": "promote"}, {"name": "promote"}]}, "An output is asked for more than once."),
        ({"id": 7719}, "/id: Input should be a valid string"),
        ({"inputs": None}, "/inputs: Input should be a valid list"),
        (
            {"parameters": {"binary_data_output": 7719}},
            "/parameters/binary_data_output: Input should be a valid boolean",
        ),
    ],
)
def test_faulty_requests(trained, rest, message):
    assert error(trained.post(INFER, {"inputs": [EMPLOYEES]} | rest)) == message


@pytest.mark.parametrize(
    "body", [b"", b"7719", b"[]", b"{", b'{"inputs": 7719', b"\xff7719", b'{"inputs": NaN}', b"[" * 5000]
)
def test_bodies_that_are_no_json_object(trained, body):
    assert error(trained.post(INFER, body)).startswith("The JSON object")


def binary(values, dtype="FP64", *, size=None, shape=(2, 2), behind=None, length=None):
    """Body and headers of a binary request."""
    data = np.array(values).tobytes()
    described = {"name": "employees", "shape": shape, "datatype": dtype}
    described["parameters"] = {"binary_data_size": len(data) if size is None else size}
    head = orjson.dumps({"inputs": [described]})
    headers = {"Inference-Header-Content-Length": str(len(head) if length is None else length)}
    return {"content": head + (data if behind is None else behind), "headers": headers}


GOOD = [6.5, 82.0, 7.0, 75.0]


@pytest.mark.parametrize(
    ("request_", "said"),
    [
        (binary([*GOOD[:3], np.nan]), "employees, row 1, performance_score: should be a number from 0 to 100."),
        (binary([np.inf, *GOOD[1:]]), "employees, row 0, years_of_experience: should be a number from 0 to 80."),
        (binary([*GOOD[:3], SECRET]), "employees, row 1, performance_score: should be a number from 0 to 100."),
        (binary(GOOD, size=24), "employees should have 32 bytes behind the JSON object"),
        (binary(GOOD, "FP32"), "employees should have 16 bytes behind the JSON object"),
        (binary(GOOD, shape=(2**62, 2)), "employees should have"),
        (binary(GOOD, behind=b"7719"), "binary_data_size says 32, and 4 are there."),
        (binary(GOOD, behind=np.array([*GOOD, SECRET]).tobytes()), "The bytes behind the JSON object are not as many"),
        (binary(GOOD, length=100_000), "Inference-Header-Content-Length is more than the body has."),
        (binary(GOOD, length=10), "The JSON object cannot be read"),
    ],
)
def test_faulty_bytes(trained, request_, said):
    assert said in error(trained.send("POST", INFER, **request_))


def test_a_length_that_is_none(trained):
    for length in ("-1", "x", "1.5", "9" * 5000):
        assert "inference-header-content-length" in error(
            trained.send("POST", INFER, **binary(GOOD, length=length)), 422
        )


def test_media_types(trained):
    body = orjson.dumps({"inputs": [EMPLOYEES]})
    for content_type in ("application/json", "application/json; charset=utf-8", "application/octet-stream", ""):
        assert trained.send("POST", INFER, content=body, headers={"Content-Type": content_type}).status_code == 200
    for content_type in ("text/csv", "text/plain", "application/json; charset=latin-1", "application/xml"):
        answer = trained.send("POST", INFER, content=body, headers={"Content-Type": content_type})
        assert (
            error(answer, 415) == "The Content-Type should be application/json, in UTF-8, or application/octet-stream."
        )


def test_what_is_not_there(trained, empty):
    assert error(empty.post(INFER, {"inputs": [EMPLOYEES]}), 409) == "No model is active."
    for path in ("/v2/health/ready", "/v2/models/promotion/ready"):
        assert error(empty.get(path), 503) == "No model is active."
    for method, path in (("POST", "/infer"), ("GET", ""), ("GET", "/ready")):
        request = {"json": {"inputs": [EMPLOYEES]}} if method == "POST" else {}
        answer = trained.send(method, f"/v2/models/promotion/versions/77{path}", **request)
        assert error(answer, 404) == "There is no model version 77."
        for name in ("first", "0", "1.5", "2147483648", "{version}"):
            answer = trained.send(method, f"/v2/models/promotion/versions/{name}{path}", **request)
            assert "its versions are numbers" in error(answer, 404)
        assert "named promotion" in error(trained.send(method, f"/v2/models/other{path}", **request), 404)


def test_too_large(empty):
    assert error(empty.post(INFER, b" " * 100_001), 413) == "The body has more than 100000 bytes."


def test_a_mistake_is_told_in_the_protocol_s_form(trained, monkeypatch):
    monkeypatch.setattr(trained.app.state.registry, "to_score_with", None)
    assert error(trained.post(INFER, {"inputs": [EMPLOYEES]}), 500) == "The service made a mistake."
    monkeypatch.setattr(trained.app.state.registry, "numbers", None)
    assert error(trained.get("/v2/models/promotion"), 500) == "The service made a mistake."


texts = st.text(max_size=5)
scalars = st.none() | st.booleans() | st.integers() | st.floats() | texts
anything = st.recursive(scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=3))
tensors = st.fixed_dictionaries(
    {
        "name": st.sampled_from(["employees", "years_of_experience", "performance_score"]) | anything,
        "shape": st.lists(st.integers(0, 3), max_size=3) | anything,
        "datatype": st.sampled_from(["FP64", "FP32", "INT64", "INT32", "BOOL"]) | anything,
    },
    optional={"data": st.lists(st.floats(0, 80) | scalars, max_size=6) | anything, "parameters": anything},
)
requests = st.fixed_dictionaries(
    {"inputs": st.lists(tensors, max_size=3) | anything},
    optional={"id": anything, "outputs": anything, "parameters": anything, "x": anything},
)


@given(requests.filter(lambda request: request is not None), st.binary(max_size=40), st.integers(-3, 3))
def test_any_request(trained, request_, behind, off):
    head = orjson.dumps(request_, option=orjson.OPT_NON_STR_KEYS, default=str) if _fits(request_) else b"{}"
    headers = {"Inference-Header-Content-Length": str(max(0, len(head) + off))}
    answer = trained.send("POST", INFER, content=head + behind, headers=headers)
    if answer.status_code != 200:
        error(answer)


def _fits(value):
    """Whether JSON has the value: orjson takes integers of 64 bits, and text without lone surrogates."""
    try:
        orjson.dumps(value)
    except orjson.JSONEncodeError:
        return False
    return True


def test_metadata(trained, empty):
    assert trained.get("/v2").json() == {
        "name": "promotion-scoring",
        "version": CONTRACT["info"]["version"],
        "extensions": ["binary_tensor_data"],
    }
    assert trained.get("/v2/health/live").json() == {"live": True}
    assert trained.get("/v2/health/ready").json() == {"live": True, "ready": True}
    model = trained.get("/v2/models/promotion").json()
    assert (model["name"], model["versions"], empty.get("/v2/models/promotion").json()["versions"]) == (
        "promotion",
        ["1", "2"],
        [],
    )
    assert [tensor["name"] for tensor in model["inputs"]] == ["employees"]
    assert model["outputs"][:2] == [
        {"name": "probability", "datatype": "FP64", "shape": [-1]},
        {"name": "promote", "datatype": "BOOL", "shape": [-1]},
    ]
    assert trained.get("/v2/models/promotion/versions/2").json() == model
    for path in ("/v2/models/promotion/ready", "/v2/models/promotion/versions/2/ready"):
        assert trained.get(path).json() == {"name": "promotion", "ready": True}


def test_a_body_of_nothing_but_faults_is_answered_shortly(trained):
    for many in ({"inputs": [{}] * 50_000}, {"inputs": [EMPLOYEES | {"shape": ["x"] * 50_000}]}):
        assert len(error(trained.post(INFER, many))) < 300


def test_a_body_that_cannot_be_unpacked_is_told_so(trained):
    packed = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
    answer = trained.send("POST", "/v2/models/promotion/infer", content=b"no gzip", headers=packed)
    assert (answer.status_code, answer.json()) == (400, {"error": "The body is no whole gzip file."})

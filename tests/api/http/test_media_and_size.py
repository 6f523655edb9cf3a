"""What is read before the records are: media type and size; and the order of all checks."""

import json

import pytest

GOOD = {"employees": [{"years_of_experience": 1, "performance_score": 2, "promoted": True}]}
READ = "years_of_experience,performance_score,promoted\n1,2,1\n"
LIMIT = 100_000


@pytest.mark.parametrize(
    "content_type",
    ["application/json", "application/json; charset=utf-8", "Application/JSON;charset=UTF-8",
     'application/json; charset="utf-8"', "application/json ; charset=us-ascii", "application/json;"],
)  # fmt: skip
def test_spellings_of_json(trained, content_type):
    answer = trained.post("/predict", json.dumps(GOOD).encode(), content_type)
    assert len(answer.json()["predictions"]) == 1


@pytest.mark.parametrize(
    "content_type",
    ["text/csv", "TEXT/CSV; charset=utf-8", "text/csv; header=present", "text/csv;header=present; charset=UTF-8"],
)
def test_spellings_of_csv(trained, content_type):
    assert trained.post("/predict", READ, content_type).text.count("\n") == 2


OTHERS = [
    "text/plain",
    "application/xml",
    "application/jsonl",
    "application/problem+json",
    "text/csv; charset=latin-1",
    "text/csv; header=absent",
    "text/csv; charset=utf-8; charset=latin-1",
    "application/json; charset=utf-16",
    "application/json; utf-8",
    "multipart/form-data; boundary=x",
    "application/x-www-form-urlencoded",
    "*/*",
    "json",
    " ",
]


@pytest.mark.parametrize("content_type", OTHERS)
@pytest.mark.parametrize("path", ["/train", "/predict"])
def test_other_media_types(empty, problem, path, content_type):
    document = problem(empty.post(path, b"{}", content_type), "unsupported_media_type", 415)
    assert document["detail"] == "The Content-Type should be application/json or text/csv, in UTF-8."


def test_no_content_type(empty, problem):
    problem(empty.send("POST", "/train", content=b"{}"), "unsupported_media_type", 415)
    problem(empty.send("POST", "/predict"), "unsupported_media_type", 415)


def test_activation_takes_json_only(empty, problem):
    answer = empty.send("PUT", "/model", content=b"version\n1\n", headers={"Content-Type": "text/csv"})
    document = problem(answer, "unsupported_media_type", 415)
    assert document["detail"] == "The Content-Type should be application/json, in UTF-8."


def of_size(size):
    body = json.dumps(GOOD).encode()
    return body + b" " * (size - len(body))


async def in_pieces(body):
    for first in range(0, len(body), 4096):
        yield body[first : first + 4096]


@pytest.mark.parametrize("path", ["/train", "/predict", "/model"])
def test_a_body_over_the_limit(empty, problem, path):
    method = "PUT" if path == "/model" else "POST"
    for body in (of_size(LIMIT + 1), in_pieces(of_size(LIMIT + 1)), in_pieces(b"\xff" * 3 * LIMIT)):
        answer = empty.send(method, path, content=body, headers={"Content-Type": "application/json"})
        document = problem(answer, "body_too_large", 413)
        assert document["detail"] == "The body has more than 100000 bytes."


@pytest.mark.parametrize("pieces", [bytes, in_pieces])
def test_a_body_of_the_limit_is_read(empty, problem, pieces):
    headers = {"Content-Type": "application/json"}
    problem(empty.send("POST", "/predict", content=pieces(of_size(LIMIT)), headers=headers), "no_model", 409)


def test_a_length_over_the_limit_is_refused_without_reading(empty, problem):
    async def never():
        raise AssertionError("the body was read")
        yield b""

    for length in ("100001", "9" * 5000):
        headers = {"Content-Type": "application/json", "Content-Length": length}
        problem(empty.send("POST", "/train", content=never(), headers=headers), "body_too_large", 413)


def test_the_order_of_the_checks(serve, problem):
    """Options, media type, size, records, model: each request has every later fault as well."""
    service = serve(max_body_bytes=1000)
    large, bad, good = b"x" * 1001, b"{", json.dumps(GOOD).encode()
    for path in ("/predict", "/train"):
        problem(service.post(f"{path}?tpyo=1", large, "text/plain"), "invalid_options", 422)
        problem(service.post(path, large, "text/plain"), "unsupported_media_type", 415)
        problem(service.post(f"{path}?column.promoted=x", large), "invalid_options", 422)
        problem(service.post(path, large), "body_too_large", 413)
        problem(service.post(path, bad), "invalid_records", 422)
    problem(service.post("/predict?model_version=9", bad), "invalid_records", 422)
    problem(service.post("/predict?model_version=9", good), "unknown_version", 404)
    problem(service.post("/predict", good), "no_model", 409)
    problem(service.post("/train", good), "training_data_unusable", 422)
    problem(service.put("/model", {"version": "9"}), "invalid_records", 422)
    problem(service.put("/model", {"version": 9}), "unknown_version", 404)

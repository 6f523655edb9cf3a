"""Large bodies, which a process of their own reads and scores: answered as if they were small."""

import gzip
import json
import socket
import sys
from pathlib import Path

import numpy as np
import pytest

from app.api.http.batches import _Fork
from app.api.http.frames import LENGTH_BYTES
from app.api.http.scoring_route import PROCESS_BYTES
from app.errors import MistakeElsewhere, place_of

ROWS = 60_000
JSON = {"Content-Type": "application/json", "Accept-Encoding": "identity"}
CSV = {"Content-Type": "text/csv", "Accept-Encoding": "identity"}
INFER = "/v2/models/promotion/infer"


@pytest.fixture(scope="module")
def employees():
    inputs = np.random.default_rng(5).uniform((0, 0), (80, 100), (ROWS, 2)).round(2).tolist()
    return [
        {"employee_id": f"é-{i}", "years_of_experience": years, "performance_score": score}
        for i, (years, score) in enumerate(inputs)
    ]


def as_json(employees):
    return json.dumps({"employees": employees}).encode()


def send(service, path, body, headers=JSON):
    return service.send("POST", path, content=body, headers=headers)


def in_parts(service, path, parts, headers=JSON):
    """Each part is small enough to be answered by the service itself."""
    assert all(len(part) < PROCESS_BYTES for part in parts)
    answers = [send(service, path, part, headers) for part in parts]
    assert {answer.status_code for answer in answers} == {200}
    return answers


@pytest.mark.parametrize("query", ["", "?model_version=2"])
def test_json(trained, employees, query):
    body = as_json(employees)
    assert len(body) > PROCESS_BYTES
    whole = send(trained, f"/predict{query}", body)
    parts = in_parts(trained, f"/predict{query}", [as_json(employees[i : i + 5000]) for i in range(0, ROWS, 5000)])
    assert (whole.status_code, whole.headers["Content-Type"]) == (200, "application/json")
    assert whole.json()["model_version"] == (2 if query else 1)
    assert whole.json()["predictions"] == [one for part in parts for one in part.json()["predictions"]]
    assert whole.json() | {"predictions": 0} == parts[0].json() | {"predictions": 0}
    assert int(whole.headers["Content-Length"]) == len(whole.content)


def test_csv(trained, employees, as_csv):
    names = "?column.years_of_experience=Years"
    text = as_csv(employees).replace("years_of_experience", "Years")
    assert len(text) > PROCESS_BYTES
    whole = send(trained, f"/predict{names}", text.encode(), CSV)
    head, *lines = text.splitlines()
    parts = in_parts(
        trained,
        f"/predict{names}",
        ["\n".join([head, *lines[i : i + 10_000]]).encode() for i in range(0, ROWS, 10_000)],
        CSV,
    )
    assert whole.headers["Model-Version"] == "1"
    assert whole.headers["Content-Type"] == "text/csv; charset=utf-8"
    header = parts[0].text.partition("\n")[0] + "\n"
    assert whole.text == header + "".join(part.text.removeprefix(header) for part in parts)


def test_tensors(trained, employees):
    inputs = np.array([[e["years_of_experience"], e["performance_score"]] for e in employees] * 3)
    as_tensor = {"name": "employees", "shape": list(inputs.shape), "datatype": "FP64"}

    def request(rows):
        return json.dumps({"inputs": [as_tensor | {"shape": list(rows.shape), "data": rows.tolist()}]}).encode()

    assert len(request(inputs)) > PROCESS_BYTES
    whole = send(trained, INFER, request(inputs)).json()["outputs"]
    parts = in_parts(trained, INFER, [request(rows) for rows in np.split(inputs, 6)])
    assert whole[0]["data"] == [p for part in parts for p in part.json()["outputs"][0]["data"]]
    assert whole[0]["shape"] == [len(inputs)]

    head = json.dumps({"inputs": [as_tensor | {"parameters": {"binary_data_size": inputs.nbytes}}],
                       "outputs": [{"name": "probability", "parameters": {"binary_data": True}}]}).encode()  # fmt: skip
    binary = send(trained, INFER, head + inputs.tobytes(), {"Inference-Header-Content-Length": str(len(head))})
    length = int(binary.headers["Inference-Header-Content-Length"])
    assert np.frombuffer(binary.content[length:]).tolist() == whole[0]["data"]


def test_every_fault_is_named(trained, employees, faults, problem):
    wrong = [*employees, {"years_of_experience": 81, "performance_score": 1}, {"performance_score": True}]
    assert faults(send(trained, "/predict", as_json(wrong))) == [
        {
            "pointer": f"/employees/{ROWS}/years_of_experience",
            "message": "Input should be less than or equal to 80",
        },
        {"pointer": f"/employees/{ROWS + 1}/years_of_experience", "message": "Field required"},
        {"pointer": f"/employees/{ROWS + 1}/performance_score", "message": "Input should be a valid number"},
    ]
    csv = "years_of_experience,performance_score\n" + "1,2\n" * 400_000 + "x,101\n"
    assert [(fault["row"], fault["column"]) for fault in faults(send(trained, "/predict", csv.encode(), CSV))] == [
        (400_002, "years_of_experience"),
        (400_002, "performance_score"),
    ]
    body = b'{"inputs": [' + b" " * PROCESS_BYTES + b"]}"
    problem(send(trained, INFER, body), "invalid_tensors", 400)


@pytest.mark.parametrize("employees_without", [50_000, pytest.param(400_000, marks=pytest.mark.long)])
def test_all_faults_are_counted_and_a_hundred_named(trained, problem, employees_without):
    body = b'{"employees": [' + b" " * PROCESS_BYTES + b"{}, " * (employees_without - 1) + b"{}]}"
    document = problem(send(trained, "/predict", body), "invalid_records", 422)
    assert (document["error_count"], len(document["errors"])) == (2 * employees_without, 100)


def test_what_is_wrong_with_the_records_comes_before_what_is_wrong_with_the_model(service, employees, problem):
    good, bad = as_json(employees), as_json([*employees, {}])
    problem(send(service, "/predict", bad), "invalid_records", 422)
    problem(send(service, "/predict", good), "no_model", 409)
    problem(send(service, "/predict?model_version=7", bad), "invalid_records", 422)
    problem(send(service, "/predict?model_version=7", good), "unknown_version", 404)


def test_compressed_both_ways(trained, employees):
    body = as_json(employees)
    plain = send(trained, "/predict", body, JSON)
    packed = send(
        trained, "/predict", gzip.compress(body), JSON | {"Content-Encoding": "gzip", "Accept-Encoding": "gzip"}
    )
    assert "Content-Encoding" not in plain.headers
    assert (packed.headers["Content-Encoding"], packed.headers["Vary"]) == ("gzip", "Accept-Encoding")
    assert int(packed.headers["Content-Length"]) < len(plain.content) / 2
    assert packed.content == plain.content
    assert packed.headers["Content-Type"] == plain.headers["Content-Type"]


def test_a_body_that_grows_too_large_on_the_way(serve, past_decisions, employees, problem):
    """Without a Content-Length, so that it is known only when the process has most of it."""
    service = serve(max_body_bytes=2 * PROCESS_BYTES)
    service.post("/train?network=single_neuron", past_decisions)

    async def pieces():
        for _ in range(2 * PROCESS_BYTES // 10_000 + 1):
            yield b" " * 10_000

    problem(service.send("POST", "/predict", content=pieces(), headers=JSON), "body_too_large", 413)
    assert len(send(service, "/predict", as_json(employees[:20_000])).json()["predictions"]) == 20_000


def test_many_at_once(trained, employees):
    """More than there are cores; and small ones among them."""
    body, one = as_json(employees), as_json(employees[:1])
    requests = [("POST", "/predict", {"content": content, "headers": JSON}) for content in [body, one] * 6]
    answers = trained.together(*requests)
    assert {len(answer.json()["predictions"]) for answer in answers[::2]} == {ROWS}
    assert {len(answer.json()["predictions"]) for answer in answers[1::2]} == {1}
    assert {answer.content for answer in answers[::2]} == {answers[0].content}


def test_a_mistake_of_the_process_is_told_by_its_place(trained):
    """Its message, which may hold a record's value, stays there."""

    async def answer():
        async def body():
            yield b'{"secret": 1'

        await trained.app.state.batches.answer(body(), json.loads, None, False)

    with pytest.raises(MistakeElsewhere) as mistake:
        trained.call(answer)
    place = place_of(mistake.value)
    assert place["error"] == "JSONDecodeError"
    assert "json/decoder.py" in place["frames"][-1]
    assert "secret" not in repr(mistake.value)


class HangsUpAtOnce(socket.socket):
    """Our end of a pair; the other end has read and hung up as soon as something was sent."""

    def send(self, data, *flags):
        sent = super().send(data, *flags)
        self.received = self.other_end.recv(1000)
        self.other_end.close()
        return sent


def test_a_fork_may_hang_up_once_it_knows_that_the_body_is_over(trained):
    ours, other_end = socket.socketpair()
    with HangsUpAtOnce(fileno=ours.detach()) as connection:
        connection.other_end = other_end
        connection.setblocking(False)

        async def send_the_end():
            await _Fork(connection).send(b"")

        trained.call(send_the_end)
        assert connection.received == bytes(LENGTH_BYTES)


def sockets():
    """Those that this process has open."""
    return {name for file in Path("/proc/self/fd").iterdir() if (name := file.resolve().name).startswith("socket:")}


def test_a_process_that_cannot_be_started_leaves_nothing_open(serve, past_decisions, employees, monkeypatch):
    service = serve()
    service.post("/train?network=single_neuron", past_decisions)
    with monkeypatch.context() as without_python:
        without_python.setattr(sys, "executable", "/nowhere/python")
        before = sockets()
        assert send(service, "/predict", as_json(employees)).status_code == 500
        assert sockets() == before
    assert send(service, "/predict", as_json(employees)).status_code == 200

"""gzip: bodies that come compressed, within bounds; answers that go out compressed to who asks for it."""

import asyncio
import gzip
import json
import zlib

import pytest
from starlette.responses import Response

from app.api.http.compression import LargeAnswer, PackedAnswers, packed
from app.api.http.scoring_route import PROCESS_BYTES

GZIP = gzip.compress(b"{}" * 99)
CSV = {"Content-Type": "text/csv", "Content-Encoding": "gzip"}
JSON = {"Content-Type": "application/json", "Content-Encoding": "gzip"}


@pytest.fixture(scope="module")
def many(past_decisions):
    return json.dumps({"employees": past_decisions}).encode()


def send(service, path, body, headers):
    return service.send("POST", path, content=body, headers=headers)


def test_packed_records_are_what_they_are_unpacked(trained, many, past_decisions, as_csv):
    plain = trained.post("/predict", many, "application/json")
    assert send(trained, "/predict", gzip.compress(many), JSON).content == plain.content
    csv = as_csv(past_decisions)
    assert send(trained, "/predict", gzip.compress(csv.encode()), CSV).text == trained.post("/predict", csv).text
    several = gzip.compress(many[:999]) + gzip.compress(many[999:])
    assert send(trained, "/predict", several, JSON | {"Content-Encoding": "X-GZIP"}).content == plain.content
    assert send(trained, "/predict", many, JSON | {"Content-Encoding": "identity"}).content == plain.content


def test_one_packed_employee(trained):
    body = b'{"employees": [{"years_of_experience": 6.5, "performance_score": 82}]}'
    expected = trained.post("/predict", body, "application/json").content
    assert send(trained, "/predict", gzip.compress(body), JSON).content == expected
    assert send(trained, "/predict", body, JSON).status_code == 422, "what says that it is gzip must be"


def test_training_on_packed_records(service, many):
    model = send(service, "/train?network=single_neuron", gzip.compress(many), JSON).json()
    assert model["training"]["rows"] == 200
    again = service.post("/train?network=single_neuron", many, "application/json").json()
    assert again["training"]["records_digest"] == model["training"]["records_digest"]


def test_a_bomb_is_too_large(empty, problem):
    """A gigabyte of spaces in a megabyte; this service takes 100,000 bytes."""
    packer = zlib.compressobj(9, zlib.DEFLATED, zlib.MAX_WBITS | 16)
    bomb = b"".join(packer.compress(b" " * 2**20) for _ in range(64)) + packer.flush()
    assert len(bomb) < 100_000
    for path in ("/predict", "/train"):
        document = problem(send(empty, path, bomb, JSON), "body_too_large", 413)
        assert document["detail"] == "The body has more than 100000 bytes when it is unpacked."
    nested = gzip.compress(b" " * 100_000) + gzip.compress(b" ")
    problem(send(empty, "/predict", nested, JSON), "body_too_large", 413)
    problem(send(empty, "/predict", gzip.compress(b" " * 100_000), JSON), "invalid_records", 422)


@pytest.mark.parametrize(
    "broken",
    [
        b"",
        b"no gzip",
        gzip.compress(b"{}" * 99, mtime=0)[:-9],
        gzip.compress(b"{}", mtime=0)[:-1],
        gzip.compress(b"{}", mtime=0) + b"x",
        b"\x1f\x8b",
    ],
)
def test_what_is_no_gzip_file(trained, problem, broken):
    (fault,) = problem(send(trained, "/predict", broken, JSON), "invalid_records", 422)["errors"]
    assert fault["pointer"] == ""
    assert fault["message"] in ("The body is no whole gzip file", "The body is empty")


@pytest.mark.parametrize("encoding", ["br", "deflate", "gzip, gzip", "zstd", "utf-8"])
def test_other_encodings(trained, problem, encoding):
    answer = send(trained, "/predict", b"{}", JSON | {"Content-Encoding": encoding})
    problem(answer, "unsupported_media_type", 415)
    assert answer.headers["Accept-Encoding"] == "gzip"


@pytest.mark.parametrize("path", ["/openapi.json", "/samples/promotions.csv", "/model/versions"])
def test_large_answers_are_packed_for_who_asks(trained, path):
    packed = trained.get(path, Accept_Encoding="gzip")
    plain = trained.get(path, Accept_Encoding="identity")
    assert packed.headers["Content-Encoding"] == "gzip"
    assert "Content-Encoding" not in plain.headers
    assert packed.content == plain.content
    assert "Accept-Encoding" in packed.headers["Vary"]
    assert int(packed.headers["Content-Length"]) < 0.7 * len(plain.content)


def test_small_answers_and_errors_stay_as_they_are(trained):
    for path in ("/livez", "/model/versions/999"):
        assert "Content-Encoding" not in trained.get(path, Accept_Encoding="gzip").headers


def test_scores_are_packed_too(trained, many):
    answer = send(trained, "/predict", many, {"Content-Type": "application/json", "Accept-Encoding": "gzip"})
    assert answer.headers["Content-Encoding"] == "gzip"
    assert len(answer.json()["predictions"]) == 200


@pytest.mark.parametrize(
    ("lines", "wanted"),
    [
        (["gzip"], True),
        (["gzip;q=0"], False),
        (["GZIP ; q=0.5"], True),
        (["*;q=0"], False),
        (["identity"], False),
        (["x-gzip"], True),
        (["br", "gzip"], True),  # several lines are one list
        (["*", "gzip;q=0"], False),
        ([], False),
    ],
)
def test_small_large_and_batch_answers_ask_alike(trained, lines, wanted):
    """An answer of 3 KB, one that is sent in two parts, and one that another process made."""
    few, many, batch = (b"years_of_experience,performance_score\n" + b"6.5,82\n" * rows for rows in (99, 4000, 160_000))
    assert len(many) < PROCESS_BYTES < len(batch)
    headers = [("Content-Type", "text/csv"), *(("Accept-Encoding", line) for line in lines or ["identity"])]
    if not lines:
        headers[1:] = [("Accept-Encoding", "")]
    for body in (few, many, batch):
        answer = send(trained, "/predict", body, headers)
        assert answer.text.count("\n") == body.count(b"\n"), answer.text[:200]
        assert (answer.headers.get("Content-Encoding") == "gzip") is wanted
        assert answer.headers["Vary"] == "Accept-Encoding"


def sent(app, accept_encoding=b"gzip"):
    """The headers and the bytes that an application sends through the middleware."""
    messages = []

    async def send_on(message):
        messages.append(message)

    scope = {"type": "http", "headers": [(b"accept-encoding", accept_encoding)]}
    asyncio.run(PackedAnswers(app)(scope, None, send_on))
    start, *parts = messages
    return dict(start["headers"]), b"".join(part["body"] for part in parts)


@pytest.mark.parametrize("kind", [Response, LargeAnswer])
def test_the_same_answer_is_the_same_bytes(kind, monkeypatch):
    body = json.dumps({"scores": [i / 7 for i in range(20_000)]}).encode()
    headers, first = sent(kind(body))
    assert headers[b"content-encoding"] == b"gzip"
    assert gzip.decompress(first) == body
    assert first[4:8] == packed(kind(body)).body[4:8] == bytes(4), "the time that a gzip file was made"
    monkeypatch.setattr("time.time", lambda: 1e9)
    assert sent(kind(body))[1] == first
    assert packed(kind(body)).body == packed(kind(body)).body


def test_from_1024_bytes_on():
    for size, wanted in ((1023, False), (1024, True)):
        assert (b"content-encoding" in sent(Response(b"x" * size))[0]) is wanted
        assert ("Content-Encoding" in packed(Response(b"x" * size)).headers) is wanted


def test_events_go_out_as_they_happen(trained):
    (training, *_) = trained.get("/train").json()["trainings"]
    events = trained.get(f"/train/{training['id']}/events", Accept_Encoding="gzip")
    assert "event: end" in events.text
    assert "Content-Encoding" not in events.headers

"""Trainings that nobody waits for: answered as soon as they are on disk, and followed by GET /train/{id}."""

import re
import sqlite3
import struct
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import datetime

import pytest

from tests.processes import alive, hold_training, let_go
from tests.waiting import PATIENCE, until

SHORT = "network=single_neuron&starts=1"
SECOND = "solver=gradient_descent&epochs=5000"
LONG = "solver=gradient_descent&epochs=100000&hidden_units=16"
DIVERGENT = "solver=gradient_descent&learning_rate=1000&alpha=1000&epochs=1000"
MEMBERS = ["id", "state", "submitted_at", "started_at", "finished_at", "queue_position", "attempt", "progress",
           "model_version", "problem"]  # fmt: skip


def order(service, records, query=SHORT, prefer="respond-async"):
    """POST /train; `prefer` may be a list, a header line each."""
    lines = [prefer] if isinstance(prefer, str) else prefer
    headers = [("Prefer", line) for line in lines]
    return service.send("POST", f"/train?{query}", json={"employees": records}, headers=headers)


def state_of(service, training_id, *states):
    """The training once it is in one of these states, or has ended."""
    wanted = (*states, "succeeded", "failed", "cancelled")

    def there():
        training = service.get(f"/train/{training_id}").json()
        return training if training["state"] in wanted else None

    return until(there, f"one of {wanted}")


def busy(service, records):
    """Take a slot of the service for as long as the test lasts; the training that has it."""
    training_id = order(service, records * 2, LONG).json()["id"]
    assert state_of(service, training_id, "running")["state"] == "running"
    hold_training()
    return training_id


def instant(text):
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", text)
    return datetime.fromisoformat(text)


@pytest.mark.parametrize(
    "prefer",
    [
        "respond-async",
        "Respond-ASYNC",
        "wait=10, respond-async",
        "respond-async,wait=10",
        "handling=lenient ;  foo=bar ,\trespond-async ; x=y, return=minimal",
        ["return=minimal", "respond-async"],
        ["respond-async", "respond-async", "wait=3"],
        "wait=10,, respond-async,",
    ],
    ids=str,
)
def test_whoever_prefers_not_to_wait_is_answered_at_once(service, past_decisions, prefer):
    busy(service, past_decisions)
    answer = order(service, past_decisions, prefer=prefer)
    assert answer.status_code == 202
    training = answer.json()
    assert answer.headers["Location"] == f"/train/{training['id']}"
    assert answer.headers["Preference-Applied"] == "respond-async"
    assert answer.headers["Content-Type"] == "application/json"
    assert re.fullmatch("[0-9a-f]{32}", training["id"])
    assert training == {
        "id": training["id"],
        "state": "queued",
        "submitted_at": training["submitted_at"],
        "started_at": None,
        "finished_at": None,
        "queue_position": 1,
        "attempt": 0,
        "progress": None,
        "model_version": None,
        "problem": None,
    }
    assert list(training) == MEMBERS
    instant(training["submitted_at"])
    assert service.get(answer.headers["Location"]).content == answer.content


@pytest.mark.parametrize(
    "prefer",
    [
        [],
        "",
        "wait=10",
        "respond-asynchronously",
        "no-respond-async",
        "respond_async",
        "respond async",
        "wait=10; respond-async",
        'note="respond-async"',
    ],
    ids=str,
)
def test_everybody_else_waits(service, past_decisions, prefer):
    answer = order(service, past_decisions, prefer=prefer)
    assert (answer.status_code, answer.headers["Location"]) == (201, "/model/versions/1")
    assert "Preference-Applied" not in answer.headers


def test_it_is_on_disk_when_the_answer_begins(service, past_decisions, as_csv):
    """Read over a connection of its own at the moment in which the answer's first byte is handed to the server."""
    busy(service, past_decisions)
    seen = []
    packed = b"".join(
        struct.pack("<3d", r["years_of_experience"], r["performance_score"], r["promoted"]) for r in past_decisions
    )

    async def receive():
        return {"type": "http.request", "body": as_csv(past_decisions).encode(), "more_body": False}

    async def look(message):
        if message["type"] == "http.response.start":
            with closing(sqlite3.connect(service.data_dir / "promotion.db")) as connection:
                seen.append(message["status"])
                seen.extend(
                    connection.execute(
                        "SELECT state, rows, records FROM trainings JOIN training_records ON id = training_id "
                        "WHERE state = 'queued'"
                    )
                )

    scope = {"type": "http", "method": "POST", "path": "/train", "raw_path": b"/train", "scheme": "http",
             "query_string": SHORT.encode(), "server": ("service", 80), "http_version": "1.1",
             "headers": [(b"content-type", b"text/csv"), (b"prefer", b"respond-async")]}  # fmt: skip
    service.call(service.app, scope, receive, look)
    assert seen == [202, ("queued", 200, packed)]


def test_every_service_on_the_directory_sees_it(serve, past_decisions):
    """The other one may run it as well: whichever of them does, both tell the same."""
    one, other = serve(), serve()
    long = busy(one, past_decisions)
    answer = order(one, past_decisions)
    assert other.get(answer.headers["Location"]).json() == answer.json()
    assert other.send("DELETE", f"/train/{long}").json()["state"] == "cancelled"
    ended = state_of(other, answer.json()["id"])
    assert (ended["state"], ended["model_version"]) == ("succeeded", 1)
    assert one.get(answer.headers["Location"]).json() == ended
    assert one.get("/model").json() == other.get("/model").json()
    assert one.get("/model").json()["training_id"] == ended["id"]


def test_it_outlives_the_service(serve, past_decisions):
    one = serve()
    busy(one, past_decisions)
    queued = order(one, past_decisions).json()
    one.close()
    again = serve()
    (waiting, handed_back) = again.get("/train").json()["trainings"]
    assert waiting["id"] == queued["id"]
    assert handed_back["attempt"] <= 1
    again.send("DELETE", f"/train/{handed_back['id']}")
    assert state_of(again, queued["id"])["model_version"] == 1


def test_another_service_goes_on_with_a_training_whose_lease_is_over(serve, past_decisions, capfd):
    one = serve()
    training_id = order(one, past_decisions, SECOND).json()["id"]
    held = hold_training()
    with closing(sqlite3.connect(one.data_dir / "promotion.db")) as connection, connection:
        connection.execute("UPDATE trainings SET lease_until = 0")
    other = serve()
    ended = state_of(other, training_id)
    assert (ended["state"], ended["attempt"], ended["model_version"]) == ("succeeded", 2, 1)
    assert '"state":"queued","event":"training of a process that is gone"' in capfd.readouterr().out
    until(lambda: not alive(held), "the first service drops what it has lost")
    one.close()
    assert [version["version"] for version in other.get("/model/versions").json()["versions"]] == [1]


def test_it_ends_like_one_that_is_waited_for(service, trained, past_decisions):
    training = order(service, past_decisions, "").json()
    ended = state_of(service, training["id"])
    assert (ended["state"], ended["model_version"]) == ("succeeded", 1)
    model = service.get("/model").json()
    assert (model["version"], model["training_id"]) == (1, training["id"])
    assert model["digest"] == trained.get("/model/versions/1").json()["digest"]


def test_activate_false_holds_without_a_caller(service, past_decisions, problem):
    training = order(service, past_decisions, f"{SHORT}&activate=false").json()
    assert state_of(service, training["id"])["model_version"] == 1
    problem(service.get("/model"), "no_model", 404)


@pytest.mark.parametrize(("wait", "shortest"), [(0.0, 0.0), (0.4, 0.35)])
def test_a_wait_that_is_over_before_the_training(serve, past_decisions, wait, shortest):
    service = serve(train_wait=wait)
    began = time.monotonic()
    with ThreadPoolExecutor(1) as pool:
        caller = pool.submit(order, service, past_decisions, SECOND, [])
        process = hold_training()
        answer = caller.result(PATIENCE)
    assert shortest <= time.monotonic() - began
    assert answer.status_code == 202
    assert answer.json()["state"] in ("queued", "running")
    assert answer.headers["Location"] == f"/train/{answer.json()['id']}"
    assert "Preference-Applied" not in answer.headers
    assert service.get("/model/versions").json()["versions"] == [], "it goes on"
    let_go(process)
    ended = state_of(service, answer.json()["id"])
    assert (ended["state"], ended["model_version"], ended["attempt"]) == ("succeeded", 1, 1)
    assert service.get("/model").json()["training_id"] == ended["id"]
    assert answer.json()["submitted_at"] == ended["submitted_at"]


def test_a_wait_that_is_over_in_the_queue(serve, past_decisions):
    service = serve(train_wait=0.3)
    busy(service, past_decisions)
    answer = order(service, past_decisions, prefer=[])
    assert (answer.status_code, answer.json()["state"], answer.json()["queue_position"]) == (202, "queued", 1)


def test_a_refused_request_is_refused_at_once(service, problem, past_decisions):
    problem(order(service, past_decisions, "epochs=0"), "invalid_options", 422)
    problem(order(service, [{}]), "invalid_records", 422)
    problem(order(service, past_decisions[:2]), "training_data_unusable", 422)
    assert service.get("/train").json() == {"trainings": [], "next": None}


def test_positions_in_the_queue(service, past_decisions):
    long = busy(service, past_decisions)
    waiting = [order(service, past_decisions).json() for _ in range(3)]
    assert [training["queue_position"] for training in waiting] == [1, 2, 3]
    assert [service.get(f"/train/{t['id']}").json() for t in waiting] == waiting
    running = service.get(f"/train/{long}").json()
    assert (running["state"], running["queue_position"], running["attempt"]) == ("running", None, 1)
    assert service.get("/train").json()["trainings"][:3] == waiting[::-1]
    service.send("DELETE", f"/train/{long}")
    ended = [state_of(service, training["id"]) for training in waiting]
    assert [training["model_version"] for training in ended] == [1, 2, 3], "first come, first served"
    assert [training["queue_position"] for training in ended] == [None] * 3


def test_a_running_training_tells_how_far_it_is(service, past_decisions):
    training_id = order(service, past_decisions, "solver=gradient_descent&learning_rate=0.1&epochs=30000").json()["id"]
    told = []

    def tells_more():
        training = service.get(f"/train/{training_id}").json()
        if training["progress"] and training["progress"] not in told:
            told.append(training["progress"])
            assert (training["state"], training["attempt"], training["queue_position"]) == ("running", 1, None)
            assert instant(training["started_at"]) >= instant(training["submitted_at"])
            assert (training["model_version"], training["problem"]) == (None, None)
        return len(told) == 2

    until(tells_more, "it tells of itself twice")
    for progress in told:
        assert list(progress) == ["start", "starts", "iteration", "loss", "done"]
        assert (progress["start"], progress["starts"]) == (1, 1)
        assert progress["done"] == progress["iteration"] / 30_000
    for name in ("iteration", "done"):
        values = [progress[name] for progress in told]
        assert values == sorted(set(values))
    assert told[0]["loss"] > told[-1]["loss"] > 0


@pytest.mark.parametrize("query", ["", SHORT, "solver=gradient_descent&epochs=500", "starts=40&hidden_units=3"])
def test_the_last_progress_is_the_model(service, past_decisions, query):
    training_id = order(service, past_decisions, query).json()["id"]
    training = state_of(service, training_id)
    assert (training["state"], training["attempt"], training["problem"]) == ("succeeded", 1, None)
    assert instant(training["submitted_at"]) <= instant(training["started_at"]) < instant(training["finished_at"])
    model = service.get("/model").json()
    assert model["training_id"] == training_id
    assert model["created_at"] == training["finished_at"]
    card, progress = model["training"], training["progress"]
    assert progress["done"] == 1.0
    assert (progress["iteration"], progress["loss"]) == (card["iterations"], card["loss"])
    assert 1 <= progress["start"] <= progress["starts"] == (card["options"].get("starts", 1) if query != SHORT else 1)


def test_a_failed_training_carries_its_problem(service, past_decisions, problem):
    refused = order(service, past_decisions, DIVERGENT, prefer=[])
    document = problem(refused, "invalid_options", 422)
    assert "learning_rate" in document["detail"]
    (waited_for,) = service.get("/train").json()["trainings"]
    training_id = order(service, past_decisions, DIVERGENT).json()["id"]
    for training in (waited_for, state_of(service, training_id)):
        assert (training["state"], training["attempt"], training["model_version"]) == ("failed", 1, None)
        assert training["problem"] == document
        assert set(training["problem"]) == {"type", "title", "status", "detail", "code"}
        assert instant(training["started_at"]) < instant(training["finished_at"])
        assert training["queue_position"] is None
    assert service.get("/model/versions").json()["versions"] == []


def test_a_caller_waits_through_the_queue(service, past_decisions):
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(order, service, past_decisions, SECOND, [])
        process = hold_training()
        second = pool.submit(order, service, past_decisions, SHORT, [])
        until(lambda: len(service.get("/train").json()["trainings"]) == 2, "the second is in the queue")
        let_go(process)
        assert (first.result(PATIENCE).json()["version"], second.result(PATIENCE).json()["version"]) == (1, 2)
    assert second.result().status_code == 201


@pytest.mark.parametrize("limit", [1, 3])
def test_a_full_queue(serve, past_decisions, problem, limit):
    service = serve(queue_limit=limit)
    long = busy(service, past_decisions)
    waiting = [order(service, past_decisions).json()["id"] for _ in range(limit)]
    before = [training["id"] for training in service.get("/train").json()["trainings"]]
    for prefer in ([], "respond-async"):
        refused = order(service, past_decisions, prefer=prefer)
        document = problem(refused, "too_busy", 503)
        assert refused.headers["Retry-After"].isdigit()
        assert int(refused.headers["Retry-After"]) >= 1
        assert str(limit) in document["detail"]
    after = [training["id"] for training in service.get("/train").json()["trainings"]]
    assert after == before == [*waiting[::-1], long], "what was refused is not there"
    with closing(sqlite3.connect(service.data_dir / "promotion.db")) as connection:
        assert connection.execute("SELECT count(*) FROM training_records").fetchone() == (limit + 1,)

    assert service.send("DELETE", f"/train/{waiting[-1]}").status_code == 200
    last = order(service, past_decisions)
    assert (last.status_code, last.json()["queue_position"]) == (202, limit)
    problem(order(service, past_decisions), "too_busy", 503)

    service.send("DELETE", f"/train/{long}")
    assert state_of(service, last.json()["id"])["state"] == "succeeded"
    assert order(service, past_decisions, prefer=[]).status_code == 201


def test_of_two_for_the_last_place_one_gets_it(serve, past_decisions):
    service = serve(queue_limit=1)
    busy(service, past_decisions)
    request = {"json": {"employees": past_decisions}, "headers": {"Prefer": "respond-async"}}
    answers = service.together(*[("POST", f"/train?{SHORT}", request)] * 4)
    assert sorted(answer.status_code for answer in answers) == [202, 503, 503, 503]
    assert len(service.get("/train").json()["trainings"]) == 2


def test_as_many_run_at_once_as_may(serve, past_decisions):
    service = serve(trainings_at_once=2)
    first, second = (busy(service, past_decisions) for _ in range(2))
    third = order(service, past_decisions).json()
    assert third["queue_position"] == 1
    assert service.app.state.queue.claim() is None
    assert service.get(f"/train/{third['id']}").json() == third
    service.send("DELETE", f"/train/{first}")
    assert state_of(service, third["id"])["state"] == "succeeded"
    assert service.get(f"/train/{second}").json()["state"] == "running"

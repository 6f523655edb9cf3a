"""GET /train/{id}/events: what a follower is told. tests/system/test_training_events.py follows while it happens."""

import json
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import pytest

from tests.processes import hold_training
from tests.waiting import PATIENCE, until

SHORT = "network=single_neuron&starts=1"
SECONDS = "solver=gradient_descent&learning_rate=0.1&epochs=25000"
LONG = "solver=gradient_descent&epochs=100000&hidden_units=16"
DIVERGENT = "solver=gradient_descent&learning_rate=1000&alpha=1000&epochs=1000"


def order(service, records, query=SHORT):
    """Put a training into the queue; its id."""
    request = {"json": {"employees": records}, "headers": {"Prefer": "respond-async"}}
    return service.send("POST", f"/train?{query}", **request).json()["id"]


def follow(service, training_id, last=None):
    """The whole stream, whose end this waits for."""
    return service.get(f"/train/{training_id}/events", **({} if last is None else {"Last_Event_ID": last}))


def told(service, training_id):
    """What a training told of itself last."""
    return service.get(f"/train/{training_id}").json()["progress"]


def events(answer):
    """(event, id, data) of each, as the standard for server-sent events reads them; comments are nothing."""
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].partition(";")[0] == "text/event-stream"
    assert answer.headers["Cache-Control"] == "no-cache"
    found = []
    for block in answer.text.split("\n\n"):
        lines = [line for line in block.split("\n") if line and not line.startswith(":")]
        if lines:
            fields = dict(line.split(": ", 1) for line in lines)
            assert set(fields) == {"event", "id", "data"}
            assert len(lines) == 3
            found.append((fields["event"], fields["id"], json.loads(fields["data"])))
    return found


@pytest.fixture(scope="module")
def followed(portal, tmp_path_factory, past_decisions, trained):
    """A service, a training of some seconds that was followed from its beginning to its end, and the answer."""
    service = type(trained)(portal, tmp_path_factory.mktemp("followed"))
    training_id = order(service, past_decisions, SECONDS)
    yield service, training_id, follow(service, training_id)
    service.close()


def test_progress_and_then_the_end(followed):
    service, training_id, answer = followed
    *told, (event, number, data) = events(answer)
    assert len(told) >= 3
    assert {event for event, _, _ in told} == {"progress"}
    assert [number for _, number, _ in told] == [str(i) for i in range(1, len(told) + 1)]
    assert (event, number) == ("end", str(len(told) + 1))
    assert data == service.get(f"/train/{training_id}").json()
    assert (data["state"], data["model_version"]) == ("succeeded", 1)
    progress = [data for _, _, data in told]
    for one in progress:
        assert list(one) == ["start", "starts", "iteration", "loss", "done"]
        assert (one["start"], one["starts"]) == (1, 1)
        assert one["done"] == one["iteration"] / 25_000
    done = [one["done"] for one in progress]
    assert done == sorted(set(done)), "nothing is told twice"
    assert 0 <= done[0] < done[-1] == 1.0
    assert progress[-1] == data["progress"]


def test_who_comes_late_is_told_the_same(followed):
    service, training_id, answer = followed
    assert follow(service, training_id).content == answer.content


def test_who_comes_back_goes_on_behind_the_last_event(followed):
    service, training_id, answer = followed
    all_of_them = events(answer)
    for seen in range(len(all_of_them)):
        assert events(follow(service, training_id, str(seen))) == all_of_them[seen:]


def test_who_has_seen_the_end_is_told_not_to_come_back(followed):
    service, training_id, answer = followed
    again = follow(service, training_id, events(answer)[-1][1])
    assert (again.status_code, again.content) == (204, b"")


@pytest.mark.parametrize("last", ["", "x", "-1", "+1", "1.0", "0x1", "²", "1 2", "null"])
def test_an_id_that_no_event_has_begins_at_the_first(followed, last):
    service, training_id, answer = followed
    headers = {"Last-Event-ID": last.encode()}
    assert service.send("GET", f"/train/{training_id}/events", headers=headers).content == answer.content


@pytest.mark.parametrize("last", ["1000", "9" * 20, "9" * 5000], ids=["some", "64 bits", "more than int() reads"])
def test_an_id_beyond_the_last_is_told_the_end(followed, last):
    service, training_id, answer = followed
    assert events(follow(service, training_id, last)) == events(answer)[-1:]


def test_a_quick_training_is_told_too(service, past_decisions):
    training_id = order(service, past_decisions)
    (first, last) = events(follow(service, training_id))
    assert (first[:2], first[2]["done"]) == (("progress", "1"), 1.0)
    assert (last[:2], last[2]["model_version"]) == (("end", "2"), 1)


@pytest.mark.long
def test_many_starts_and_done_never_decreases(service, past_decisions):
    rows = [r | {"years_of_experience": r["years_of_experience"] + i / 100} for i in range(20) for r in past_decisions]
    training_id = order(service, rows, "starts=400&hidden_units=8")
    *told, end = [data for _, _, data in events(follow(service, training_id))]
    done = [progress["done"] for progress in told]
    assert done == sorted(done)
    assert len(done) >= 2
    assert done[-1] == 1.0
    assert {progress["starts"] for progress in told} == {400}
    assert all(1 <= progress["start"] <= 400 for progress in told)
    assert end["state"] == "succeeded"


def test_the_end_of_one_that_failed(service, past_decisions):
    training_id = order(service, past_decisions, DIVERGENT)
    *_, (event, _, data) = events(follow(service, training_id))
    assert (event, data["state"], data["problem"]["code"]) == ("end", "failed", "invalid_options")
    assert data == service.get(f"/train/{training_id}").json()


def test_the_end_of_one_that_is_cancelled_meanwhile(service, past_decisions):
    running, waiting = order(service, past_decisions, LONG), order(service, past_decisions, LONG)
    with ThreadPoolExecutor(2) as pool:
        followers = [pool.submit(follow, service, training_id) for training_id in (running, waiting)]
        until(lambda: told(service, running), "it tells of itself")
        hold_training()
        for training_id in (waiting, running):
            service.send("DELETE", f"/train/{training_id}")
        of_running, of_waiting = (events(follower.result(PATIENCE)) for follower in followers)
    assert [(event, number) for event, number, _ in of_waiting] == [("end", "1")]
    assert [event for event, *_ in of_running] == ["progress"] * (len(of_running) - 1) + ["end"]
    assert len(of_running) >= 2
    for followed, training_id in ((of_running, running), (of_waiting, waiting)):
        assert followed[-1][2] == service.get(f"/train/{training_id}").json()
        assert followed[-1][2]["state"] == "cancelled"


def test_the_numbers_go_on_over_attempts(serve, past_decisions):
    """A service that stops hands the training back; what it told stays, and the next attempt tells more."""
    first = serve()
    training_id = order(first, past_decisions, SECONDS)
    until(lambda: told(first, training_id), "it tells of itself")
    hold_training()
    first.close()
    with closing(sqlite3.connect(first.data_dir / "promotion.db")) as connection:
        (count,) = connection.execute("SELECT count(*) FROM training_progress").fetchone()
    assert count >= 1
    again = serve()
    answer = follow(again, training_id)
    *progress, end = events(answer)
    assert [number for _, number, _ in (*progress, end)] == [str(i) for i in range(1, len(progress) + 2)]
    assert len(progress) > count
    assert (end[2]["state"], end[2]["attempt"], progress[-1][2]["done"]) == ("succeeded", 1, 1.0)
    assert events(follow(again, training_id, str(count))) == [*progress[count:], end]


def test_what_an_earlier_attempt_told_is_not_the_progress_of_this_one(serve, past_decisions):
    """A training that was handed back has the same attempt again, which has told nothing yet."""
    first = serve()
    training_id = order(first, past_decisions, LONG)
    before = until(lambda: told(first, training_id), "it tells of itself")
    first.close()
    again = serve()

    def begun():
        training = again.get(f"/train/{training_id}").json()
        if training["state"] == "running":
            return training
        assert training["progress"] is None
        return None

    training = until(begun, "the next attempt runs")
    assert training["attempt"] == 1
    assert training["progress"] != before


def test_a_read_of_a_training_is_one_that_was_answered(followed):
    """The stream is answered like everything else: with the id of its request, and counted."""
    service, training_id, _ = followed
    assert follow(service, training_id).headers["X-Request-ID"]
    counted = 'promotion_request_duration_seconds_count{method="GET",route="/train/{training_id}/events",status="200"}'
    assert counted in service.get("/metrics").text

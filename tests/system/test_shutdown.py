"""SIGTERM and SIGINT: what runs ends within its grace or goes back into the queue, and the next server goes on."""

import signal
import sqlite3
import threading
import time
from contextlib import closing, suppress

import httpx
import pytest

from tests.processes import SOME_TIME, let_go
from tests.waiting import PATIENCE, until

LONGER = "?solver=gradient_descent&epochs=24000&report=false"
"""One that has told of itself by then."""
SHORT = "?network=single_neuron&starts=1"


class Caller:
    """Waits for POST /train on a connection of its own."""

    def __init__(self, server, sample, query, **headers):
        self.answer, self.answered_at = None, None
        self._request = f"{server.url}/train{query}", sample.encode(), {"Content-Type": "text/csv"} | headers
        self._waiting = threading.Thread(target=self._wait)
        self._waiting.start()

    def _wait(self):
        url, content, headers = self._request
        with suppress(httpx.TransportError):
            self.answer = httpx.post(url, content=content, headers=headers, timeout=PATIENCE)
            self.answered_at = time.monotonic()

    def result(self):
        """The answer; None when the connection broke."""
        self._waiting.join(PATIENCE)
        assert not self._waiting.is_alive()
        return self.answer


def rows(server):
    """(state, attempt, rows of its records, started, version) of each training, the oldest first."""
    with closing(sqlite3.connect(server.data_dir / "promotion.db")) as connection:
        return connection.execute(
            "SELECT state, attempt, length(records) / 24, started_at IS NOT NULL, version FROM trainings "
            "LEFT JOIN training_records r ON r.training_id = id LEFT JOIN model_versions v ON v.training_id = id "
            "ORDER BY submitted_at"
        ).fetchall()


def ended(server, training_id):
    def look():
        training = server.client.get(f"/train/{training_id}").json()
        return training if training["finished_at"] else None

    return until(look, "the training ends")


def trainings(server):
    return server.client.get("/train").json()["trainings"]


def accepted(answer):
    """An answer of 202 that nobody asked for; its training."""
    assert answer is not None, "the connection broke"
    assert answer.status_code == 202
    assert answer.headers["Location"] == f"/train/{answer.json()['id']}"
    assert "Preference-Applied" not in answer.headers
    return answer.json()


@pytest.mark.long
def test_what_does_not_end_within_the_grace_goes_back(server, sample):
    first = server(PROMOTION_SHUTDOWN_GRACE="1")
    key = {"Idempotency-Key": '"before and after"'}
    caller = Caller(first, sample, LONGER, **key)
    until(lambda: trainings(first) and trainings(first)[0]["progress"], "it has told of itself")
    process = first.hold_training()
    asked = time.monotonic()
    first.stop(signal.SIGTERM)
    handed_back = accepted(caller.result())
    assert caller.answered_at - asked > 0.9, "the grace is given"
    assert (handed_back["state"], handed_back["queue_position"], handed_back["attempt"]) == ("queued", 1, 0)
    assert (handed_back["started_at"], handed_back["finished_at"], handed_back["progress"]) == (None, None, None)
    assert "Traceback" not in first.output
    assert rows(first) == [("queued", 0, 2000, 0, None)]

    again = server()
    assert process not in again.runners()
    training = ended(again, handed_back["id"])
    assert (training["state"], training["attempt"], training["model_version"]) == ("succeeded", 1, 1)
    assert rows(again) == [("succeeded", 1, None, 1, 1)]
    assert again.client.get("/model").json()["training_id"] == training["id"]
    headers = {"Content-Type": "text/csv"} | key
    repeated = again.client.post(f"/train{LONGER}", content=sample.encode(), headers=headers)
    assert (repeated.status_code, repeated.content) == (202, caller.result().content)


@pytest.mark.alone
def test_a_stop_takes_the_grace_and_not_much_more(server, sample):
    first = server(PROMOTION_SHUTDOWN_GRACE="1")
    caller = Caller(first, sample, SOME_TIME)
    first.hold_training()
    asked = time.monotonic()
    first.stop(signal.SIGTERM)
    assert 0.9 < time.monotonic() - asked < 4
    accepted(caller.result())
    assert 0.9 < caller.answered_at - asked < 3


def test_what_ends_within_the_grace_ends(server, sample):
    """A training whose caller waits, and one that nobody waits for."""
    first = server(PROMOTION_TRAININGS_AT_ONCE="2")
    caller = Caller(first, sample, SOME_TIME)
    held = [first.hold_training()]
    unattended = Caller(first, sample, f"{SOME_TIME}&activate=false", Prefer="respond-async").result().json()["id"]
    held.append(first.hold_training())
    first.process.send_signal(signal.SIGINT)
    until(first.refuses_connections, "the stop has begun")
    for training in held:
        let_go(training)
    first.ended()
    assert caller.result().status_code == 201
    assert sorted(rows(first), key=lambda row: row[4]) == [("succeeded", 1, None, 1, version) for version in (1, 2)]
    again = server()
    assert again.client.get("/model").content == caller.result().content
    assert again.client.get(f"/train/{unattended}").json()["state"] == "succeeded"


def test_what_waits_is_not_begun_any_more(server, sample):
    first = server()
    runs = Caller(first, sample, SOME_TIME)
    training = first.hold_training()
    waits = Caller(first, sample, SHORT)
    until(lambda: len(trainings(first)) == 2, "the second waits")
    first.process.send_signal(signal.SIGTERM)
    queued = accepted(waits.result())
    assert (queued["state"], queued["queue_position"], queued["attempt"]) == ("queued", 1, 0)
    assert runs.answer is None, "the first goes on"
    let_go(training)
    assert runs.result().status_code == 201
    first.ended()
    assert rows(first) == [("succeeded", 1, None, 1, 1), ("queued", 0, 2000, 0, None)]

    again = server()
    training = ended(again, queued["id"])
    assert (training["state"], training["attempt"], training["model_version"]) == ("succeeded", 1, 2)
    assert [version["version"] for version in again.client.get("/model/versions").json()["versions"]] == [2, 1]


@pytest.mark.long
def test_two_workers_leave_everything_to_the_next(server, sample):
    """Whichever of them runs the training, and at whichever the callers wait."""
    first = server(workers=2, PROMOTION_SHUTDOWN_GRACE="0.5")
    callers = [Caller(first, sample, SOME_TIME)]
    first.hold_training()
    for _ in range(5):
        callers.append(Caller(first, sample, SHORT))
        until(lambda: len(trainings(first)) == len(callers), "it is in the queue")
    first.stop(signal.SIGTERM)
    left = [accepted(caller.result()) for caller in callers]
    assert [training["state"] for training in left] == ["queued"] * 6
    assert rows(first) == [("queued", 0, 2000, 0, None)] * 6
    assert "Traceback" not in first.output

    again = server(workers=2)
    for training in left:
        ended(again, training["id"])
    assert rows(again) == [("succeeded", 1, None, 1, version) for version in range(1, 7)]


def test_a_stop_waits_for_no_grace_when_nothing_runs(server, sample):
    server = server()  # the grace is longer than anybody would wait for the stop
    server.train(sample, SHORT).raise_for_status()
    assert server.stop(signal.SIGTERM) == -signal.SIGTERM

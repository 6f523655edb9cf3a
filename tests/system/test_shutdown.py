"""SIGTERM and SIGINT: what runs ends within its grace or goes back into the queue, and the next server goes on."""

import signal
import sqlite3
import threading
import time
from contextlib import closing, suppress

import httpx

PATIENCE = 60.0
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


def ended(server, training_id, until):
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


def test_what_does_not_end_within_the_grace_goes_back(server, sample, slowly, until):
    first = server(PROMOTION_SHUTDOWN_GRACE="1")
    key = {"Idempotency-Key": '"before and after"'}
    caller = Caller(first, sample, slowly(5), **key)
    process = first.training_process()
    until(lambda: trainings(first)[0]["progress"], "it has told of itself")
    asked = time.monotonic()
    first.stop(signal.SIGTERM)
    assert 0.9 < time.monotonic() - asked < 4
    handed_back = accepted(caller.result())
    assert 0.9 < caller.answered_at - asked < 3
    assert (handed_back["state"], handed_back["queue_position"], handed_back["attempt"]) == ("queued", 1, 0)
    assert (handed_back["started_at"], handed_back["finished_at"], handed_back["progress"]) == (None, None, None)
    assert "Traceback" not in first.output
    assert rows(first) == [("queued", 0, 2000, 0, None)]

    again = server()
    assert process not in again.runners()
    training = ended(again, handed_back["id"], until)
    assert (training["state"], training["attempt"], training["model_version"]) == ("succeeded", 1, 1)
    assert rows(again) == [("succeeded", 1, None, 1, 1)]
    assert again.client.get("/model").json()["training_id"] == training["id"]
    headers = {"Content-Type": "text/csv"} | key
    repeated = again.client.post(f"/train{slowly(5)}", content=sample.encode(), headers=headers)
    assert (repeated.status_code, repeated.content) == (202, caller.result().content)


def test_what_ends_within_the_grace_ends(server, sample, slowly, until):
    """A training whose caller waits, and one that nobody waits for."""
    first = server(PROMOTION_TRAININGS_AT_ONCE="2")
    caller = Caller(first, sample, slowly(2))
    unattended = Caller(first, sample, f"{slowly(2)}&activate=false", Prefer="respond-async").result().json()["id"]
    until(lambda: all(training["progress"] for training in trainings(first)), "both run")
    first.stop(signal.SIGINT)
    assert caller.result().status_code == 201
    assert sorted(rows(first), key=lambda row: row[4]) == [("succeeded", 1, None, 1, version) for version in (1, 2)]
    again = server()
    assert again.client.get("/model").content == caller.result().content
    assert again.client.get(f"/train/{unattended}").json()["state"] == "succeeded"


def test_what_waits_is_not_begun_any_more(server, sample, slowly, until):
    first = server()
    runs = Caller(first, sample, slowly(4))
    first.training_process()
    waits = Caller(first, sample, SHORT)
    until(lambda: len(trainings(first)) == 2, "the second waits")
    asked = time.monotonic()
    first.process.send_signal(signal.SIGTERM)
    queued = accepted(waits.result())
    assert waits.answered_at - asked < 1.5
    assert (queued["state"], queued["queue_position"], queued["attempt"]) == ("queued", 1, 0)
    assert runs.answer is None, "the first goes on"
    assert runs.result().status_code == 201
    first.ended()
    assert rows(first) == [("succeeded", 1, None, 1, 1), ("queued", 0, 2000, 0, None)]

    again = server()
    training = ended(again, queued["id"], until)
    assert (training["state"], training["attempt"], training["model_version"]) == ("succeeded", 1, 2)
    assert [version["version"] for version in again.client.get("/model/versions").json()["versions"]] == [2, 1]


def test_two_workers_leave_everything_to_the_next(server, sample, slowly, until):
    """Whichever of them runs the training, and at whichever the callers wait."""
    options = ("--workers", "2")
    first = server(options=options, PROMOTION_SHUTDOWN_GRACE="0.5")
    until(lambda: first.output.count("Application startup complete") == 2, "both workers serve")
    callers = [Caller(first, sample, slowly(4))]
    first.training_process()
    for _ in range(5):
        callers.append(Caller(first, sample, SHORT))
        until(lambda: len(trainings(first)) == len(callers), "it is in the queue")
    asked = time.monotonic()
    first.stop(signal.SIGTERM)
    assert time.monotonic() - asked < 6
    left = [accepted(caller.result()) for caller in callers]
    assert [training["state"] for training in left] == ["queued"] * 6
    assert rows(first) == [("queued", 0, 2000, 0, None)] * 6
    assert "Traceback" not in first.output

    again = server(options=options)
    for training in left:
        ended(again, training["id"], until)
    assert rows(again) == [("succeeded", 1, None, 1, version) for version in range(1, 7)]


def test_a_stop_waits_for_no_grace_when_nothing_runs(server, sample):
    server = server()
    server.train(sample, SHORT).raise_for_status()
    asked = time.monotonic()
    server.stop(signal.SIGTERM)
    assert time.monotonic() - asked < 3

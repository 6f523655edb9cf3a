"""Followers of a training, over several workers, while it happens and until the service is stopped."""

import json
import signal
import threading
import time

import httpx
import pytest

from tests.processes import let_go
from tests.waiting import PATIENCE, until

HEADERS = {"Content-Type": "text/csv", "Prefer": "respond-async"}
SECONDS = "?solver=gradient_descent&learning_rate=0.1&epochs=48000"
LONG = "?solver=gradient_descent&epochs=100000&hidden_units=16"
PING = b": ping\n\n"


class Follower:
    """Reads the events of a training on a connection of its own, as they come."""

    def __init__(self, server, training_id, last=None, enough=None):
        self.text, self.status, self.process, self.error = b"", 0, "", None
        self._arguments = f"{server.url}/train/{training_id}/events", last, enough
        self.began = threading.Event()
        self._reader = threading.Thread(target=self._read)
        self._reader.start()
        assert self.began.wait(PATIENCE)

    def _read(self):
        url, last, enough = self._arguments
        headers = {} if last is None else {"Last-Event-ID": last}
        try:
            with httpx.Client(timeout=PATIENCE) as client, client.stream("GET", url, headers=headers) as answer:
                self.status = answer.status_code
                self.process = answer.headers["X-Request-ID"].partition("-")[0]
                self.began.set()
                for piece in answer.iter_raw():
                    self.text += piece
                    if enough is not None and enough(self.text):
                        return
        except httpx.TransportError as error:
            self.error = error
        finally:
            self.began.set()

    def all(self):
        """Everything that came, after the stream's orderly end, without keep-alives."""
        self._reader.join(PATIENCE)
        assert not self._reader.is_alive()
        assert self.error is None
        return self.text.replace(PING, b"")

    def events(self):
        """(event, id, data) of each so far."""
        found = []
        for block in self.text.replace(PING, b"").decode().split("\n\n")[:-1]:
            fields = dict(line.split(": ", 1) for line in block.split("\n"))
            found.append((fields["event"], fields["id"], json.loads(fields["data"])))
        return found


def order(server, sample, query):
    """Put a training into the queue; its id."""
    answer = server.client.post(f"/train{query}", content=sample.encode(), headers=HEADERS)
    assert answer.status_code == 202
    return answer.json()["id"]


def training(server, training_id):
    return httpx.get(f"{server.url}/train/{training_id}", timeout=PATIENCE).json()


@pytest.fixture
def two_workers(server):
    """Two workers, both of them ready."""
    return server(workers=2)


def followers_of_both(server, training_id):
    """At least two followers, at least one at each worker."""
    followers = []
    while len({follower.process for follower in followers}) < 2:
        followers.append(Follower(server, training_id))
        assert len(followers) < 50, "one worker gets every connection"
    return followers


@pytest.mark.long
def test_every_follower_at_every_worker_sees_the_same(two_workers, sample):
    training_id = order(two_workers, sample, SECONDS)
    followers = followers_of_both(two_workers, training_id)
    until(lambda: all(len(follower.events()) >= 3 for follower in followers), "they are told while it runs")
    process = two_workers.hold_training()
    assert training(two_workers, training_id)["state"] == "running"
    late = followers_of_both(two_workers, training_id)
    let_go(process)
    streams = [follower.all() for follower in (*followers, *late)]
    after = followers_of_both(two_workers, training_id)
    streams += [follower.all() for follower in after]
    assert {follower.status for follower in (*followers, *late, *after)} == {200}
    assert len(set(streams)) == 1
    *told, end = followers[0].events()
    assert [number for _, number, _ in (*told, end)] == [str(i) for i in range(1, len(told) + 2)]
    assert {event for event, _, _ in told} == {"progress"}
    done = [data["done"] for _, _, data in told]
    assert done == sorted(set(done))
    assert done[-1] == 1.0
    assert (end[0], end[2]) == ("end", training(two_workers, training_id))
    assert end[2]["state"] == "succeeded"

    last = [Follower(two_workers, training_id, last=end[1]) for _ in range(6)]
    assert {(follower.status, follower.all()) for follower in last} == {(204, b"")}


@pytest.mark.long
def test_who_loses_the_connection_misses_nothing(two_workers, sample):
    """Every time after one event, at whichever worker it comes to."""
    training_id = order(two_workers, sample, SECONDS)
    pieces, last = [], None
    while True:
        follower = Follower(two_workers, training_id, last, enough=lambda text: b"\n\n" in text.replace(PING, b""))
        follower.all()
        if follower.status == 204:
            break
        pieces.append(follower.events()[0])
        last = pieces[-1][1]
    assert [number for _, number, _ in pieces] == [str(i) for i in range(1, len(pieces) + 1)]
    assert len(pieces) >= 3
    whole = Follower(two_workers, training_id)
    whole.all()
    assert pieces == whole.events()


@pytest.mark.alone
def test_a_quiet_stream_is_kept_alive(server, sample):
    server = server()
    order(server, sample, LONG)
    server.hold_training()
    waiting = order(server, sample, LONG)
    follower = Follower(server, waiting)
    began = time.monotonic()
    until(lambda: follower.text, "something comes")
    assert follower.text == PING
    assert 10 < time.monotonic() - began < 25
    server.client.delete(f"/train/{waiting}").raise_for_status()
    follower.all()
    assert [(event, number) for event, number, _ in follower.events()] == [("end", "1")]


@pytest.mark.parametrize("workers", [1, pytest.param(2, marks=pytest.mark.long)])
def test_a_stop_ends_every_stream(server, sample, workers):
    first = server(workers=workers, PROMOTION_SHUTDOWN_GRACE="1")
    running, waiting = order(first, sample, LONG), order(first, sample, LONG)
    followers = [Follower(first, training_id) for training_id in (running, waiting) * 3]
    until(followers[0].events, "the training tells of itself")
    first.stop(signal.SIGTERM)
    streams = [follower.all() for follower in followers]
    assert set(streams[1::2]) == {b""}
    assert not any(b"event: end" in stream for stream in streams)
    assert "Traceback" not in first.output

    again = server()
    told = followers[0].events()
    back = Follower(again, running, last=told[-1][1])
    until(back.events, "it goes on")
    assert back.events()[0][:2] == ("progress", str(len(told) + 1))
    for training_id in (waiting, running):
        again.client.delete(f"/train/{training_id}").raise_for_status()
    back.all()
    event, _, data = back.events()[-1]
    assert (event, data["state"], data["id"]) == ("end", "cancelled", running)


def test_who_hangs_up_is_forgotten(server, sample, log_lines):
    server = server()
    training_id = order(server, sample, LONG)
    until(lambda: training(server, training_id)["progress"], "it tells of itself")
    server.hold_training()
    stays = Follower(server, training_id)
    for _ in range(3):
        Follower(server, training_id, enough=lambda _: True).all()

    def answered():
        requests = [line for line in log_lines(server.stdout) if line["event"] == "request"]
        return [line["status"] for line in requests if line["route"] == "/train/{training_id}/events"]

    until(lambda: len(answered()) == 3, "each request is over")
    assert PING not in stays.text, "they are missed before anything more could be sent to them"
    assert answered() == [200] * 3
    assert training(server, training_id)["state"] == "running", "it does not depend on them"
    assert "Traceback" not in server.output

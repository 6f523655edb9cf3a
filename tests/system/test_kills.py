"""kill -9 at random moments over a stream of trainings: none is lost or made twice, nothing is torn or made up.

A few kills in every run of the suite; the run whose counts are published: pytest tests/system/test_kills.py --kills 100
"""

import hashlib
import json
import os
import random
import signal
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from itertools import count, product, takewhile

import httpx
import pytest
import sqlalchemy as sa

from tests.processes import alive, parent
from tests.reports import HOOKS
from tests.waiting import PATIENCE, until

pytestmark = pytest.mark.long

SEED = 20261124
WORKERS, SUBMITTERS, SCORERS = 2, 2, 2
MOST_ATTEMPTS = 3
ENVIRONMENT = {
    # So long that only who was killed loses a training; nobody waits for it where let_leases_end helps.
    "PROMOTION_TRAINING_LEASE": "10",
    "PROMOTION_QUEUE_LIMIT": "2",  # so short that it is full now and then
    "UVICORN_TIMEOUT_WORKER_HEALTHCHECK": "5",  # uvicorn asks a worker that has been killed for so long
}
EMPLOYEE = {"employees": [{"years_of_experience": 6.5, "performance_score": 82}]}


@dataclass
class Order:
    """A training that is asked for, again and again until there is an answer to keep."""

    key: str
    epochs: int
    seed: int
    waits: bool
    answer: httpx.Response | None = None

    def request(self, sample):
        """The same request every time."""
        prefer = {} if self.waits else {"Prefer": "respond-async"}
        return {
            "params": {"solver": "gradient_descent", "epochs": self.epochs, "seed": self.seed},
            "headers": {"Content-Type": "text/csv", "Idempotency-Key": f'"{self.key}"', **prefer},
            "content": sample,
        }


@dataclass
class Told:
    """What one caller was told."""

    orders: list[Order] = field(default_factory=list)
    versions: Counter[int] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    broken: int = 0


class Stage:
    """The server of the moment, whose callers come back when it was killed."""

    def __init__(self, start):
        self._start = start
        self.servers = []
        self.ordering = threading.Event()  # set when a caller is about to ask for a training that it has not asked for
        self.begin()
        self.server.wait_until_ready()

    def begin(self):
        """Start a server on what the last one left. It may be killed before it is ready."""
        self.server = server = self._start()
        self.servers.append(server)
        until(lambda: "Uvicorn running on" in server.output, "the server says where it listens")
        self.url = server.url


@pytest.fixture
def stage(server, database):
    """Two workers, on a database of either kind."""
    environment, url = dict(ENVIRONMENT), database.get("database_url")
    if url is not None:
        environment["PROMOTION_DATABASE_URL"] = url
    return Stage(lambda: server(database["data_dir"], workers=WORKERS, wait=False, **environment))


@pytest.fixture
def rows(database):
    """Reads the database itself, without the service."""
    url = database.get("database_url", f"sqlite:///{database['data_dir']}/promotion.db")
    engine = sa.create_engine(url.replace("postgresql://", "postgresql+psycopg://"))

    def read(statement):
        with engine.connect() as connection:
            return connection.exec_driver_sql(statement).all()

    yield read
    engine.dispose()


class Caller:
    """One caller of the stage, on a connection of its own for every request, so that any worker may get it."""

    def __init__(self, stage, told):
        self._stage, self._told = stage, told
        self._client = httpx.Client(
            timeout=PATIENCE, event_hooks=HOOKS, limits=httpx.Limits(max_keepalive_connections=0)
        )

    def ask(self, method, path, **request):
        """The answer; None when the connection broke. A server that keeps a caller waiting for ever raises."""
        try:
            return self._client.request(method, self._stage.url + path, **request)
        except httpx.TimeoutException:
            raise
        except httpx.TransportError:
            self._told.broken += 1
            return None

    def order(self, order, sample):
        """What a training that was asked for is answered, in the end."""
        deadline = time.monotonic() + PATIENCE
        self._stage.ordering.set()
        while True:
            answer = self.ask("POST", "/train", **order.request(sample))
            code = None if answer is None or answer.status_code < 300 else answer.json()["code"]
            if answer is not None and code not in ("idempotency_conflict", "too_busy"):
                if code not in (None, "training_failed"):
                    self._told.wrong.append(f"POST /train: {answer.status_code} {answer.text}")
                return answer
            assert time.monotonic() < deadline, f"no answer to {order} but {answer and answer.text}"
            time.sleep(0.05)

    def follow(self, training_id):
        """Return when the training has begun, and so there is room for another one."""
        while (answer := self.ask("GET", f"/train/{training_id}")) is None or answer.json()["state"] == "queued":
            time.sleep(0.05)

    def close(self):
        """Hang up."""
        self._client.close()


@contextmanager
def calling(stage):
    """A caller, and what it is told."""
    told = Told()
    caller = Caller(stage, told)
    try:
        yield caller, told
    finally:
        caller.close()


def submit(stage, sample, stop, number):
    """Trainings of a tenth to half a second, one order after another; one submitter waits, one does not."""
    rng = random.Random(f"{SEED} submitter {number}")
    with calling(stage) as (caller, told):
        for i in takewhile(lambda _: not stop.is_set(), count()):
            order = Order(f"{number}-{i}", rng.randint(500, 6_000), rng.randrange(2**32), waits=number % 2 == 0)
            told.orders.append(order)
            order.answer = caller.order(order, sample)
            if rng.random() < 0.3:
                again = caller.order(order, sample)
                if (again.status_code, again.content) != (order.answer.status_code, order.answer.content):
                    told.wrong.append(f"{order.answer.text}, then {again.text}")
            if order.answer.status_code == 202:
                caller.follow(order.answer.json()["id"])
        return told


def score(stage, stop):
    """Scores all the time, two hundred times a second."""
    with calling(stage) as (caller, told):
        while not stop.wait(0.005):
            if (answer := caller.ask("POST", "/predict", json=EMPLOYEE)) is None:
                continue
            if answer.status_code == 200:
                told.versions[answer.json()["model_version"]] += 1
            else:
                told.wrong.append(f"POST /predict: {answer.status_code} {answer.text}")
        return told


class Killer:
    """Kills a worker, the whole server or the process that trains: at any moment, or at one of those at which more can
    go wrong: while a training is put into the queue, while it runs, or just when it has ended and its model is being
    stored.
    """

    scenes = (
        *product(("worker", "server"), ("any", "submitting", "training", "storing")),
        *product(("runner",), ("any", "training", "any", "training")),
    )

    def __init__(self, stage):
        self._stage = stage
        self._rng = random.Random(SEED)
        self._drawn = []

    def kill(self):
        """Wait for a moment and kill; what was killed. Every twelve kills are one of each scene."""
        if not self._drawn:
            self._drawn = self._rng.sample(self.scenes, len(self.scenes))
        victim, moment = self._drawn.pop()
        trainer = self._wait_for(moment)
        server = self._stage.server
        assert server.process.poll() is None, f"it ended by itself: {server.output[-2000:]}"
        if victim == "server":
            os.killpg(server.pid, signal.SIGKILL)
            server.process.wait()
            server.let_leases_end()
            self._stage.begin()
        elif victim == "worker":
            until(lambda: kill_one(self._workers(trainer)), "there is a worker to kill")
            if not server.runners():  # a worker that is alive and trains keeps its training
                server.let_leases_end()
        else:
            until(lambda: kill_one(server.runners()), "there is a training to kill")
        return victim

    def _wait_for(self, moment):
        """Return at the moment; with the worker that runs the training, where it is one of a training."""
        if moment == "any":
            time.sleep(self._rng.uniform(0, 1.5))
            return None
        if moment == "submitting":
            self._stage.ordering.clear()
            assert self._stage.ordering.wait(PATIENCE), "somebody submits"
            time.sleep(self._rng.uniform(0, 0.03))
            return None
        runner = until(lambda: next(iter(self._stage.server.runners()), None), "a training runs")
        trainer = parent(runner)
        if moment == "storing":
            until(lambda: not alive(runner), "the training ends")
        time.sleep(self._rng.uniform(0, 0.5 if moment == "training" else 0.03))
        return trainer

    def _workers(self, trainer):
        """The one that is to be killed first."""
        workers = sorted(self._stage.server.workers())
        return [trainer] if trainer in workers else self._rng.sample(workers, len(workers))


def kill_one(pids):
    """Whether one of them was alive and has been killed."""
    for pid in filter(alive, pids):
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
            return True
    return False


def pages(server, path, name):
    """Everything of a listing, newest first."""
    found, following = [], f"{path}?limit=100"
    while following is not None:
        page = server.client.get(following).raise_for_status().json()
        found += page[name]
        following = page["next"]
    return found


@pytest.fixture
def killer(stage):
    """Kills what is on the stage."""
    return Killer(stage)


@pytest.fixture
def story(request, stage, rows, killer, sample):
    """Kills while trainings are submitted and employees are scored, and then the end of all that was begun: the kills
    by kind, and what everybody was told.
    """
    stop, csv = threading.Event(), sample.encode()
    unended = "SELECT count(*) FROM trainings WHERE state IN ('queued', 'running')"
    with calling(stage) as (caller, first):
        first.orders.append(order := Order("first", 500, 0, waits=True))
        order.answer = caller.order(order, csv)
    with ThreadPoolExecutor(SUBMITTERS + SCORERS) as threads:
        try:
            callers = [threads.submit(submit, stage, csv, stop, number) for number in range(SUBMITTERS)]
            callers += [threads.submit(score, stage, stop) for _ in range(SCORERS)]
            kills = Counter(killer.kill() for _ in range(request.config.getoption("--kills")))
        finally:
            stop.set()
    stage.server.wait_until_ready()
    until(lambda: rows(unended) == [(0,)], "every training ends")
    newest = rows("SELECT max(version) FROM model_versions")[0][0]
    until(lambda: stage.server.client.get("/model").json()["version"] == newest, "the newest version is in service")
    return kills, [first, *(one.result() for one in callers)]


def test_kills_lose_nothing_and_do_nothing_twice(story, stage, rows, database, capsys):
    kills, told = story
    orders = [order for one in told for order in one.orders]
    predictions = sum((one.versions for one in told), Counter())
    wrong = [each for one in told for each in one.wrong]
    trainings = {row.id: row for row in rows("SELECT * FROM trainings")}
    states = Counter(training.state for training in trainings.values())
    dead = sum(row.attempt - (row.state == "succeeded") for row in trainings.values())
    with capsys.disabled():
        killed = ", ".join(f"{kind} {number}" for kind, number in sorted(kills.items()))
        print(
            f"\n{'postgresql' if 'database_url' in database else 'sqlite'}: {kills.total()} kills ({killed}); "
            f"{len(orders)} trainings accepted, {states['succeeded']} succeeded, {states['failed']} failed after "
            f"{MOST_ATTEMPTS} attempts, {dead} attempts died; {predictions.total()} predictions by {len(predictions)} "
            f"versions; {sum(one.broken for one in told)} requests were cut off"
        )
    assert wrong == []
    assert "\n".join(line for server in stage.servers for line in server.stdout if 'level":"error' in line) == ""
    assert dead <= kills.total(), "whatever did not end well was killed"
    every_training_ended_once(trainings, rows)
    every_order_is_one_training(orders, trainings, rows)
    every_progress_has_its_number(trainings, rows)
    every_version_is_whole(stage.server, rows)
    the_api_tells_the_same(stage.server, trainings, rows)
    assert set(predictions) <= {row.version for row in rows("SELECT version FROM model_versions")}
    assert rows("SELECT count(*) FROM training_records") == [(0,)]
    if "database_url" not in database:
        assert rows("PRAGMA integrity_check") == [("ok",)]
        assert rows("PRAGMA foreign_key_check") == []


def every_training_ended_once(trainings, rows):
    """With one version, put into service once, or after as many attempts as there may be with none."""
    for training in trainings.values():
        assert training.state in ("succeeded", "failed"), training
        assert (training.slot, training.lease_until) == (None, None), training
        assert 1 <= training.attempt <= MOST_ATTEMPTS, training
        assert training.state == "succeeded" or training.attempt == MOST_ATTEMPTS, training
    made = [row.training_id for row in rows("SELECT training_id FROM model_versions")]
    assert sorted(made) == sorted(training.id for training in trainings.values() if training.state == "succeeded")


def every_order_is_one_training(orders, trainings, rows):
    """Every training has the one key that it was ordered with, and came to what its caller was told."""
    keys = {row.key: row.training_id for row in rows("SELECT * FROM idempotency_keys")}
    assert set(keys) == {order.key for order in orders}
    assert sorted(keys.values()) == sorted(trainings)
    versions = {row.training_id: row for row in rows("SELECT * FROM model_versions")}
    for order in orders:
        training, version = trainings[keys[order.key]], versions.get(keys[order.key])
        answer = order.answer.json()
        if version is not None:
            assert as_json(version.card)["training"]["options"]["seed"] == order.seed
        if order.answer.status_code == 202:
            assert answer["id"] == training.id
        elif order.answer.status_code == 201:
            assert (answer["version"], answer["digest"]) == (version.version, version.digest)
        else:
            assert (training.state, as_json(training.problem)["code"]) == ("failed", answer["code"])


def every_progress_has_its_number(trainings, rows):
    """From 1 without a gap, claim after claim."""
    claims = {training_id: [] for training_id in trainings}
    for row in rows("SELECT * FROM training_progress ORDER BY training_id, number"):
        claims[row.training_id].append(row.claim)
        assert row.number == len(claims[row.training_id])
        assert 0 <= as_json(row.progress)["done"] <= 1
    for training_id, of_one in claims.items():
        assert of_one == sorted(of_one)
        assert set(of_one) <= set(range(1, trainings[training_id].claims + 1))


def every_version_is_whole(server, rows):
    """Numbered without a gap, put into service one after the other, and readable down to the last weight."""
    versions = rows("SELECT version, digest, weights FROM model_versions ORDER BY version")
    numbers = [row.version for row in versions]
    assert numbers == list(range(1, len(versions) + 1))
    activated = rows("SELECT version, previous_version FROM activations ORDER BY id")
    assert activated == list(zip(numbers, [None, *numbers], strict=False))
    for number, digest, weights in versions:
        answer = server.client.get(f"/model/versions/{number}/weights")
        assert answer.content == bytes(weights)
        assert digest == f"sha256:{hashlib.sha256(answer.content).hexdigest()}"
        assert server.client.get(f"/model/versions/{number}").json()["digest"] == digest


def the_api_tells_the_same(server, trainings, rows):
    """What is in the database, the service lists."""
    listed = pages(server, "/train", "trainings")
    assert {training["id"]: (training["state"], training["attempt"]) for training in listed} == {
        training.id: (training.state, training.attempt) for training in trainings.values()
    }
    assert len(listed) == len(trainings)
    made = {row.training_id: row.version for row in rows("SELECT training_id, version FROM model_versions")}
    assert all(training["model_version"] == made.get(training["id"]) for training in listed)
    versions = [version["version"] for version in pages(server, "/model/versions", "versions")]
    activations = [activation["version"] for activation in pages(server, "/model/activations", "activations")]
    assert versions == activations == sorted(made.values(), reverse=True)


def as_json(column):
    """A JSON column as what it says: SQLite keeps text."""
    return json.loads(column) if isinstance(column, str) else column

"""Four workers, sixteen clients that score without pause, trainings and rollbacks meanwhile: no answer is stale.

A few activations in every run of the suite; the run that is quoted: pytest tests/system/test_never_stale.py
--activations 100
"""

import asyncio
import random
import re
import threading
import time
from bisect import bisect_left
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import NamedTuple

import httpx
import pytest

from tests.reports import HOOKS
from tests.waiting import PATIENCE, until

pytestmark = pytest.mark.long

SEED = 20261124
WORKERS, CLIENTS = 4, 16
REQUESTS_A_CONNECTION = 50
"""Then a client comes again on a new connection, to whichever worker takes it."""
BODY = b'{"employees":[{"years_of_experience":6.5,"performance_score":82}]}'
REQUEST = b"POST /predict HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s" % (
    len(BODY),
    BODY,
)
LENGTH = re.compile(rb"(?i)^content-length: (\d+)", re.MULTILINE)
WORKER = re.compile(rb"(?i)^x-request-id: ([^-]+)", re.MULTILINE)
VERSION = re.compile(rb'"model_version":(\d+)')


class Answer(NamedTuple):
    """One score: when it was asked for and when it was there, which version gave it and in which worker."""

    sent: float
    received: float
    version: int
    worker: bytes


class Activation(NamedTuple):
    """One version that was put into service."""

    sent: float
    answered: float
    version: int


class Clients:
    """Sixteen clients, each of which asks again as soon as it has its answer; on an event loop in one thread."""

    def __init__(self, address):
        self._address = address
        self._stop = threading.Event()
        self.answers = [[] for _ in range(CLIENTS)]
        self.failed = []

    async def _client(self, answers):
        while not self._stop.is_set():
            reader, writer = await asyncio.open_connection(*self._address)
            try:
                for _ in range(REQUESTS_A_CONNECTION):
                    await self._score(reader, writer, answers)
            finally:
                writer.close()
                await writer.wait_closed()

    async def _score(self, reader, writer, answers):
        sent = time.monotonic()
        writer.write(REQUEST)
        head = await reader.readuntil(b"\r\n\r\n")
        body = await reader.readexactly(int(LENGTH.search(head)[1]))
        received = time.monotonic()
        if head.startswith(b"HTTP/1.1 200 "):
            answers.append(Answer(sent, received, int(VERSION.search(body)[1]), WORKER.search(head)[1]))
        else:
            self.failed.append(head + body)

    def score(self):
        """Score until told to stop. Raises when a connection breaks."""

        async def together():
            async with asyncio.TaskGroup() as clients:
                for answers in self.answers:
                    clients.create_task(self._client(answers))

        asyncio.run(together())

    def all_asked_since(self, moment):
        """Whether each of them has the answer to a request that it sent later."""
        return all(answers and answers[-1].sent > moment for answers in self.answers)

    def workers(self):
        """Which of them have answered so far."""
        return {answer.worker for answers in self.answers for answer in answers.copy()}

    @contextmanager
    def scoring(self):
        """They score while the block runs."""
        with ThreadPoolExecutor(1) as threads:
            scoring = threads.submit(self.score)
            try:
                yield
            finally:
                self._stop.set()
                scoring.result()


@pytest.fixture
def workers(server, database):
    """Four workers on a database of either kind."""
    url = database.get("database_url")
    environment = {} if url is None else {"PROMOTION_DATABASE_URL": url}
    return server(database["data_dir"], workers=WORKERS, **environment)


@pytest.fixture
def activate(workers, sample):
    """Puts a version into service, on a connection of its own, so that any worker may get it, and returns when that was
    and which it is.
    """
    client = httpx.Client(
        base_url=workers.url, timeout=PATIENCE, event_hooks=HOOKS, limits=httpx.Limits(max_keepalive_connections=0)
    )

    def call(version=None, seed=0):
        sent = time.monotonic()
        if version is None:
            answer = client.post(
                "/train",
                params={"seed": seed, "solver": "gradient_descent", "epochs": 100},
                content=sample.encode(),
                headers={"Content-Type": "text/csv"},
            )
        else:
            answer = client.put("/model", json={"version": version})
        answered = time.monotonic()
        return Activation(sent, answered, answer.raise_for_status().json()["version"])

    with client:
        yield call


@pytest.fixture
def run(request, workers, activate):
    """One activation after another while the clients score: two of three are rollbacks, and after every other one the
    next comes at once. The activations, and the answers of each client.
    """
    rng = random.Random(SEED)
    clients = Clients(workers.address)
    activations = [activate(seed=number) for number in range(2)]
    with clients.scoring():
        until(lambda: clients.all_asked_since(activations[-1].answered), "every client scores")
        until(lambda: len(clients.workers()) == WORKERS, "every worker scores")
        for number in range(request.config.getoption("--activations")):
            older = sorted({one.version for one in activations} - {activations[-1].version})
            trains = rng.random() < 1 / 3
            activations.append(activate(seed=2 + number) if trains else activate(rng.choice(older)))
            if rng.random() < 1 / 2:
                until(lambda: clients.all_asked_since(activations[-1].answered), "every client has scored since")
    assert clients.failed == []
    return activations, clients.answers


def possible(activations, answer):
    """The versions that were not older than what was known to be in service when the score was asked for, and that
    somebody had asked to put into service when it was there.
    """
    known = bisect_left(activations, answer.sent, key=lambda activation: activation.answered)
    asked = bisect_left(activations, answer.received, key=lambda activation: activation.sent)
    return {activation.version for activation in activations[known - 1 : asked]}


def test_no_answer_is_stale(run, database, capsys):
    activations, by_client = run
    answers = [answer for answers in by_client for answer in answers]
    allowed = [possible(activations, answer) for answer in answers]
    stale = [pair for pair in zip(answers, allowed, strict=True) if pair[0].version not in pair[1]]
    certain = sum(len(versions) == 1 for versions in allowed)
    workers = {answer.worker for answer in answers}
    made = len({activation.version for activation in activations})
    with capsys.disabled():
        print(
            f"\n{'postgresql' if 'database_url' in database else 'sqlite'}: {len(activations)} activations ({made} "
            f"trainings, {len(activations) - made} rollbacks); {len(answers)} answers to {CLIENTS} clients by "
            f"{len(workers)} workers, for {certain} of which there is one right version; {len(stale)} stale, 0 failed"
        )
    assert stale == []
    assert len(workers) == WORKERS
    assert certain >= CLIENTS * len(activations) / 4, "enough were asked between two activations"

"""The process that trains: killed, orphaned or refused, it harms nothing."""

import asyncio
import os
import resource
import signal
import sqlite3
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
import uvloop

from app.api.http.telemetry.log import configure
from app.errors import TrainingFailed
from app.network.options import FitOptions
from app.network.training_set import UnusableData
from app.store.open import open_store
from app.trainings.attempt import Attempt
from app.trainings.claims import Claims
from app.trainings.job import Job
from app.trainings.runner import run
from app.trainings.threads import Threads
from app.trainings.wire import decode_message, encode_job
from tests.processes import hold_training, let_go, trainings
from tests.waiting import PATIENCE, until

ROOT = Path(__file__).parents[2]
LONG = "/train?solver=gradient_descent&epochs=100000"


def the_child(but=frozenset()):
    """The one training process, once it is there, but for those that are known already."""
    (process,) = until(lambda: set(trainings()) - but, "a training process")
    return process


def rows(data_dir):
    with closing(sqlite3.connect(data_dir / "promotion.db")) as connection:
        return connection.execute(
            "SELECT state, finished_at >= started_at, json_extract(problem, '$.code'), "
            "json_extract(problem, '$.detail') FROM trainings ORDER BY submitted_at"
        ).fetchall()


@pytest.mark.long
def test_a_killed_process_is_begun_again(service, past_decisions):
    with ThreadPoolExecutor(1) as pool:
        training = pool.submit(service.post, "/train?solver=gradient_descent&epochs=6000", past_decisions)
        os.kill(the_child(), signal.SIGKILL)
        model = training.result(PATIENCE).json()
    (training,) = service.get("/train").json()["trainings"]
    assert (training["state"], training["attempt"], training["model_version"]) == ("succeeded", 2, 1)
    assert model["training_id"] == training["id"]
    again = service.post("/train?solver=gradient_descent&epochs=6000", past_decisions).json()
    assert again["network"] == model["network"]


@pytest.mark.parametrize("with_signal", [signal.SIGKILL, signal.SIGTERM, signal.SIGSEGV])
def test_a_process_that_is_killed_three_times_is_a_failed_training(service, past_decisions, with_signal):
    model = service.post("/train?network=single_neuron", past_decisions).json()
    with ThreadPoolExecutor(1) as pool:
        training = pool.submit(service.post, LONG, past_decisions * 20)
        killed = set()
        for _ in range(3):
            killed.add(child := the_child(killed))
            os.kill(child, with_signal)
        answer = training.result(PATIENCE)
    assert (answer.status_code, answer.json()["code"]) == (500, "training_failed")
    detail = f"The training process ended with exit code -{with_signal.value}. That was attempt 3 of 3."
    assert answer.json()["detail"] == detail
    assert rows(service.data_dir) == [("succeeded", 1, None, None), ("failed", 1, "training_failed", detail)]
    assert service.get("/model").json() == model
    assert service.get("/model/versions").json()["versions"] == [model]
    assert service.post("/train?network=single_neuron", past_decisions).json()["version"] == 2
    assert trainings() == []


def test_a_process_that_cannot_be_started_is_no_attempt(serve, past_decisions, capfd):
    """The system has no file descriptor left for its pipes; when it has, the training is made."""
    service = serve()
    model = service.post("/train?network=single_neuron", past_decisions).json()
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (3, hard))  # whichever of those in use are closed meanwhile
    try:
        request = {"json": {"employees": past_decisions}, "headers": {"Prefer": "respond-async"}}
        answer = service.send("POST", "/train?network=single_neuron&seed=2", **request)
        until(lambda: "training process cannot be started" in capfd.readouterr().out, "it is tried")
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    assert answer.status_code == 202
    assert service.get("/model").json() == model
    location = answer.headers["Location"]
    training = until(lambda: (training := service.get(location).json())["finished_at"] and training, "it ends")
    assert (training["state"], training["attempt"], training["model_version"]) == ("succeeded", 1, 2)


def test_an_attempt_that_goes_wrong_leaves_no_process(portal, tmp_path, past_decisions, capfd):
    """Its threads are gone, as when the system has no more of them: it cannot give a sign of life."""
    store = open_store(tmp_path)
    queue = Claims(store, slots=1, lease_seconds=60, keep_failed=False)
    inputs = np.array([[r["years_of_experience"], r["performance_score"]] for r in past_decisions] * 20)
    targets = np.array([float(r["promoted"]) for r in past_decisions] * 20)
    options = FitOptions(solver="gradient_descent", epochs=100_000)
    queue.submit(Job(("x", "y"), np.column_stack([inputs, targets]), options, 0.5, True, False), 10, None)

    async def attempt():
        threads = Threads()
        made = Attempt(queue, queue.claim(), configure(), threads=threads, lease_seconds=60, ended=print).make()
        task = asyncio.create_task(made)
        while not trainings():
            await asyncio.sleep(0.01)
        threads.close()
        await task

    portal.call(attempt)
    assert trainings() == []
    assert queue.page(1, None)[0].state == "running"  # until its lease is over
    assert '"event":"mistake"' in capfd.readouterr().out
    store.close()


def test_trainings_take_turns(service, past_decisions):
    """Side by side, the second would be done long before the first."""
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(service.post, "/train?solver=gradient_descent&epochs=6000", past_decisions)
        process = hold_training()
        second = pool.submit(service.post, "/train?network=single_neuron&starts=1", past_decisions)
        until(lambda: service.app.state.queue.length() == 1, "the second is in the queue")
        assert service.app.state.queue.claim() is None
        let_go(process)
        assert (first.result(PATIENCE).json()["version"], second.result(PATIENCE).json()["version"]) == (1, 2)
    assert [state for state, *_ in rows(service.data_dir)] == ["succeeded", "succeeded"]


def encoded(table, **options):
    return b"".join(encode_job(Job(("x", "y"), table, FitOptions(**options), 0.5, True, False)))


def test_an_orphan_ends_by_itself():
    """Its parent hands over a job that is larger than a pipe, so that it has begun to work, and dies."""
    rng = np.random.default_rng(1)
    inputs = rng.random((20_000, 2))
    table = np.column_stack([inputs, inputs[:, 0] > 0.5])
    job = encoded(table, solver="gradient_descent", epochs=100_000)
    assert len(job) > 2**18
    program = (
        "import os, subprocess, sys\n"
        "child = subprocess.Popen([sys.executable, '-m', 'app.trainings.process'], stdin=subprocess.PIPE)\n"
        "child.stdin.write(sys.stdin.buffer.read())\n"
        "child.stdin.close()\n"
        "os._exit(0)"
    )
    parent = subprocess.run(
        [sys.executable, "-c", program],
        input=job, capture_output=True, timeout=PATIENCE, check=True, env=os.environ | {"PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert parent.stdout == b""  # read to its end, which is the orphan's
    assert parent.stderr == b"the service that asked for this training is gone\n"


@pytest.mark.parametrize(
    ("inputs", "targets", "why"),
    [
        ([[1, 2], [3, 4]], [0, 1], "at least 3 rows"),
        ([[1, 2], [3, 4], [5, 6]], [1, 1, 1], "both decisions"),
        ([[1, 2], [3, np.nan], [5, 6]], [0, 1, 1], "finite"),
        ([[1, 2], [3, 4], [5, 6]], [0, 1, 2], "0 or 1"),
    ],
)
def test_a_refusal_comes_back_as_one(inputs, targets, why):
    table = np.column_stack([inputs, targets]).astype(float)
    job = encoded(table)
    process = subprocess.run(
        [sys.executable, "-m", "app.trainings.process"],
        input=job, capture_output=True, timeout=PATIENCE, check=True, env=os.environ | {"PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    with pytest.raises(UnusableData, match=why):
        decode_message(process.stdout)


def test_a_process_that_dies_before_it_has_read_its_job_is_a_dead_process():
    """On uvloop, as in service: its transports say that in words of their own."""
    many = np.column_stack([np.ones((400_000, 2)), np.arange(400_000) % 2])
    job = Job(("x", "y"), many, FitOptions(), 0.5, True, False)

    async def killed_at_once():
        running = asyncio.create_task(run(job, print))
        while not (found := trainings()):
            await asyncio.sleep(0)
        os.kill(found[0], signal.SIGKILL)
        return await running

    with pytest.raises(TrainingFailed, match="exit code -9"):
        uvloop.run(killed_at_once())


def test_a_process_without_a_job_ends_quietly():
    ended = subprocess.run(
        [sys.executable, "-m", "app.trainings.process"],
        input=b"", capture_output=True, timeout=PATIENCE, check=False, env=os.environ | {"PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert (ended.returncode, ended.stdout, ended.stderr) == (
        1, b"", b"the service that asked for this training is gone\n",
    )  # fmt: skip

"""DELETE /train/{id}: what waits never starts, what runs stops, what has ended stays as it is."""

import os
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

SHORT = "network=single_neuron&starts=1"
LONG = "solver=gradient_descent&epochs=100000&hidden_units=16"
DIVERGENT = "solver=gradient_descent&learning_rate=1000&alpha=1000&epochs=1000"
PATIENCE = 60.0


def order(service, records, query=SHORT, prefer="respond-async"):
    """POST /train, without waiting unless told otherwise."""
    request = {"json": {"employees": records}, "headers": {"Prefer": prefer}}
    return service.send("POST", f"/train?{query}", **request)


def until(condition, within=PATIENCE):
    """The seconds until it is true."""
    began = time.monotonic()
    while not condition():
        assert time.monotonic() - began < within
        time.sleep(0.01)
    return time.monotonic() - began


def state(service, training_id):
    return service.get(f"/train/{training_id}").json()["state"]


def running(service, records):
    """A training that has begun and goes on for longer than a test lasts; its id."""
    training_id = order(service, records, LONG).json()["id"]
    until(lambda: state(service, training_id) == "running")
    return training_id


def children():
    """The training processes of this process, as the system lists them; none that has ended already."""
    found = []
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            condition, parent, *_ = status.read_text().rpartition(")")[2].split()
            command = status.with_name("cmdline").read_bytes()
        except (FileNotFoundError, ProcessLookupError):
            continue
        if parent == str(os.getpid()) and b"app.trainings.process" in command and condition != "Z":
            found.append(int(status.parent.name))
    return found


def count(service, outcome):
    line = f'promotion_trainings_total{{outcome="{outcome}"}} '
    (value,) = [text for text in service.get("/metrics").text.splitlines() if text.startswith(line)]
    return float(value.rpartition(" ")[2])


def test_what_waits_never_starts_and_the_others_move_up(service, past_decisions):
    long = running(service, past_decisions)
    first, second, third = (order(service, past_decisions).json()["id"] for _ in range(3))
    answer = service.send("DELETE", f"/train/{first}")
    assert answer.status_code == 200
    cancelled = answer.json()
    assert cancelled["id"] == first
    assert (cancelled["state"], cancelled["queue_position"], cancelled["attempt"]) == ("cancelled", None, 0)
    assert cancelled["started_at"] is None
    assert cancelled["finished_at"] > cancelled["submitted_at"]
    assert (cancelled["progress"], cancelled["model_version"], cancelled["problem"]) == (None, None, None)
    assert service.get(f"/train/{first}").content == answer.content
    assert [service.get(f"/train/{i}").json()["queue_position"] for i in (second, third)] == [1, 2]

    service.send("DELETE", f"/train/{long}")
    until(lambda: state(service, third) == "succeeded")
    assert service.get(f"/train/{first}").content == answer.content
    assert [service.get(f"/train/{i}").json()["model_version"] for i in (second, third)] == [1, 2]


def test_what_runs_stops_within_a_second_and_the_next_one_runs(service, past_decisions):
    assert children() == []
    long = running(service, past_decisions)
    until(lambda: service.get(f"/train/{long}").json()["progress"] is not None)
    (process,) = children()
    waiting = order(service, past_decisions).json()["id"]
    began = time.monotonic()
    cancelled = service.send("DELETE", f"/train/{long}").json()
    until(lambda: process not in children())
    assert time.monotonic() - began < 1.0
    assert (cancelled["state"], cancelled["attempt"], cancelled["queue_position"]) == ("cancelled", 1, None)
    assert cancelled["submitted_at"] < cancelled["started_at"] < cancelled["finished_at"]
    assert 0 < cancelled["progress"]["done"] < 1
    assert (cancelled["model_version"], cancelled["problem"]) == (None, None)

    until(lambda: state(service, waiting) == "succeeded")
    assert service.get(f"/train/{long}").json() == cancelled, "what was cancelled does not move"
    assert [model["version"] for model in service.get("/model/versions").json()["versions"]] == [1]
    assert service.get("/model").json()["training_id"] == waiting
    assert children() == []


@pytest.mark.parametrize("wait_for_it", ["running", "queued"])
def test_the_caller_that_waits_for_it_is_told(service, past_decisions, problem, wait_for_it):
    blocker = running(service, past_decisions) if wait_for_it == "queued" else None
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(order, service, past_decisions, LONG, "return=minimal")
        until(lambda: len(service.get("/train").json()["trainings"]) == 1 + (blocker is not None))
        (training, *_) = service.get("/train").json()["trainings"]
        assert training["id"] != blocker
        until(lambda: state(service, training["id"]) == wait_for_it)
        began = time.monotonic()
        service.send("DELETE", f"/train/{training['id']}")
        problem(waiting.result(PATIENCE), "training_cancelled", 409)
        assert time.monotonic() - began < 1.5
    assert service.get("/model/versions").json()["versions"] == []
    if blocker is not None:
        assert state(service, blocker) == "running", "nothing happens to another one"


@pytest.mark.parametrize("end", ["succeeded", "failed", "cancelled"])
def test_what_has_ended_stays_as_it_is(service, past_decisions, problem, end):
    if end == "cancelled":
        training_id = running(service, past_decisions)
        service.send("DELETE", f"/train/{training_id}")
    else:
        training_id = order(service, past_decisions, SHORT if end == "succeeded" else DIVERGENT).json()["id"]
        until(lambda: state(service, training_id) == end)
    before = [service.get(path).content for path in (f"/train/{training_id}", "/train", "/model", "/model/versions")]
    ends = [count(service, outcome) for outcome in ("succeeded", "failed", "cancelled")]
    for _ in range(2):
        document = problem(service.send("DELETE", f"/train/{training_id}"), "training_ended", 409)
        assert end in document["detail"]
    after = [service.get(path).content for path in (f"/train/{training_id}", "/train", "/model", "/model/versions")]
    assert after == before
    assert [count(service, outcome) for outcome in ("succeeded", "failed", "cancelled")] == ends
    assert sum(ends) == 1


def test_of_two_that_cancel_one_does_it(service, past_decisions):
    training_id = running(service, past_decisions)
    answers = service.together(*[("DELETE", f"/train/{training_id}", {})] * 4)
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409, 409]
    assert {a.json()["code"] for a in answers if a.status_code == 409} == {"training_ended"}
    assert count(service, "cancelled") == 1


def test_another_service_on_the_directory_cancels_it_as_well(serve, past_decisions):
    """Whichever of the two runs it, the other one is asked."""
    one, other = serve(), serve()
    for asked in (one, other):
        training_id = running(one, past_decisions)
        (process,) = children()
        began = time.monotonic()
        assert asked.send("DELETE", f"/train/{training_id}").status_code == 200
        until(lambda gone=process: gone not in children())
        assert time.monotonic() - began < 1.0


def test_a_cancel_and_an_end_at_once(service, past_decisions):
    """Cancelled at every moment of its life: it is either cancelled without a version or succeeded with one."""
    versions = 0
    for delay in [0.0, 0.05, *(0.1 + 0.01 * i for i in range(8)), 0.25, 0.35]:
        training_id = order(service, past_decisions).json()["id"]
        time.sleep(delay)
        answer = service.send("DELETE", f"/train/{training_id}")
        ended = service.get(f"/train/{training_id}").json()
        if answer.status_code == 200:
            assert (ended["state"], ended["model_version"]) == ("cancelled", None)
        else:
            versions += 1
            assert (answer.json()["code"], ended["state"]) == ("training_ended", "succeeded")
            assert ended["model_version"] == versions
    assert len(service.get("/model/versions?limit=100").json()["versions"]) == versions
    until(lambda: not children())

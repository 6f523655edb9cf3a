"""DELETE /train/{id}: what waits never starts, what runs stops, what has ended stays as it is."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.processes import alive, hold_training, trainings
from tests.waiting import PATIENCE, until

SHORT = "network=single_neuron&starts=1"
LONG = "solver=gradient_descent&epochs=100000&hidden_units=16"
DIVERGENT = "solver=gradient_descent&learning_rate=1000&alpha=1000&epochs=1000"


def order(service, records, query=SHORT, prefer="respond-async"):
    """POST /train, without waiting unless told otherwise."""
    request = {"json": {"employees": records}, "headers": {"Prefer": prefer}}
    return service.send("POST", f"/train?{query}", **request)


def state(service, training_id):
    return service.get(f"/train/{training_id}").json()["state"]


def running(service, records):
    """A training that has begun and goes on for longer than a test lasts; its id."""
    training_id = order(service, records, LONG).json()["id"]
    until(lambda: state(service, training_id) == "running", "it runs")
    return training_id


def count(service, outcome):
    line = f'promotion_trainings_total{{outcome="{outcome}"}} '
    (value,) = [text for text in service.get("/metrics").text.splitlines() if text.startswith(line)]
    return float(value.rpartition(" ")[2])


def test_what_waits_never_starts_and_the_others_move_up(service, past_decisions):
    long = running(service, past_decisions)
    hold_training()
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
    until(lambda: state(service, third) == "succeeded", "the last one ends")
    assert service.get(f"/train/{first}").content == answer.content
    assert [service.get(f"/train/{i}").json()["model_version"] for i in (second, third)] == [1, 2]


def test_what_runs_stops_and_the_next_one_runs(service, past_decisions):
    assert trainings() == []
    long = running(service, past_decisions)
    until(lambda: service.get(f"/train/{long}").json()["progress"], "it tells of itself")
    process = hold_training()
    waiting = order(service, past_decisions).json()["id"]
    cancelled = service.send("DELETE", f"/train/{long}").json()
    until(lambda: not alive(process), "its process ends")
    assert (cancelled["state"], cancelled["attempt"], cancelled["queue_position"]) == ("cancelled", 1, None)
    assert cancelled["submitted_at"] < cancelled["started_at"] < cancelled["finished_at"]
    assert 0 < cancelled["progress"]["done"] < 1
    assert (cancelled["model_version"], cancelled["problem"]) == (None, None)

    until(lambda: state(service, waiting) == "succeeded", "the next one ends")
    assert service.get(f"/train/{long}").json() == cancelled, "what was cancelled does not move"
    assert [model["version"] for model in service.get("/model/versions").json()["versions"]] == [1]
    assert service.get("/model").json()["training_id"] == waiting
    assert trainings() == []


@pytest.mark.alone
def test_what_runs_stops_within_a_second(serve, past_decisions):
    """Whichever service on the directory runs it, and whichever is asked."""
    one, other = serve(), serve()
    for asked in (one, other):
        training_id = running(one, past_decisions)
        until(lambda running=training_id: one.get(f"/train/{running}").json()["progress"], "it tells of itself")
        (process,) = trainings()
        began = time.monotonic()
        assert asked.send("DELETE", f"/train/{training_id}").status_code == 200
        until(lambda gone=process: not alive(gone), "its process ends")
        assert time.monotonic() - began < 1.0


@pytest.mark.alone
@pytest.mark.parametrize("wait_for_it", ["running", "queued"])
def test_the_caller_that_waits_for_it_is_told_soon(service, past_decisions, problem, wait_for_it):
    if wait_for_it == "queued":
        running(service, past_decisions)
    with ThreadPoolExecutor(1) as pool:
        waiting, training_id = waited_for(service, past_decisions, pool, wait_for_it)
        began = time.monotonic()
        service.send("DELETE", f"/train/{training_id}")
        problem(waiting.result(PATIENCE), "training_cancelled", 409)
        assert time.monotonic() - began < 1.5


def waited_for(service, records, pool, wanted):
    """A caller that waits for a training which is in this state; the caller and the training's id."""
    before = len(service.get("/train").json()["trainings"])
    waiting = pool.submit(order, service, records, LONG, "return=minimal")
    until(lambda: len(service.get("/train").json()["trainings"]) == before + 1, "it is in the queue")
    training_id = service.get("/train").json()["trainings"][0]["id"]
    until(lambda: state(service, training_id) == wanted, f"it is {wanted}")
    return waiting, training_id


@pytest.mark.parametrize("wait_for_it", ["running", "queued"])
def test_the_caller_that_waits_for_it_is_told(service, past_decisions, problem, wait_for_it):
    blocker = running(service, past_decisions) if wait_for_it == "queued" else None
    if blocker is not None:
        hold_training()
    with ThreadPoolExecutor(1) as pool:
        waiting, training_id = waited_for(service, past_decisions, pool, wait_for_it)
        assert training_id != blocker
        service.send("DELETE", f"/train/{training_id}")
        problem(waiting.result(PATIENCE), "training_cancelled", 409)
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
        until(lambda: state(service, training_id) == end, "it ends")
    until(lambda: count(service, end), "its end is counted")
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
        process = hold_training()
        assert asked.send("DELETE", f"/train/{training_id}").status_code == 200
        until(lambda gone=process: not alive(gone), "its process ends")


def test_a_cancel_and_an_end_at_once(service, past_decisions):
    """Cancelled at every moment of its life, as long as it takes here and now: it is either cancelled without a version
    or succeeded with one.
    """
    began = time.monotonic()
    assert order(service, past_decisions, prefer="return=minimal").status_code == 201
    whole, versions = time.monotonic() - began, 1
    for part in (0.0, 0.2, *(0.4 + 0.05 * i for i in range(8)), 1.0, 1.4):
        training_id = order(service, past_decisions).json()["id"]
        time.sleep(part * whole)
        answer = service.send("DELETE", f"/train/{training_id}")
        ended = service.get(f"/train/{training_id}").json()
        if answer.status_code == 200:
            assert (ended["state"], ended["model_version"]) == ("cancelled", None)
        else:
            versions += 1
            assert (answer.json()["code"], ended["state"]) == ("training_ended", "succeeded")
            assert ended["model_version"] == versions
    assert len(service.get("/model/versions?limit=100").json()["versions"]) == versions
    until(lambda: not trainings(), "no process is left")

"""A volume without room: trainings are refused at once, the model in service goes on scoring, nothing is torn, and a
training that ran already is not lost.
"""

import resource
import sys

import pytest

from tests.processes import SOME_TIME, let_go
from tests.waiting import until

pytestmark = pytest.mark.long

EMPLOYEES = [(6.5, 82), (1, 40), (20, 95.5)]


def fill_volume(server):
    """From now on the process can write nothing into a file."""
    resource.prlimit(server.pid, resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))


def make_room(server):
    resource.prlimit(server.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))


def in_service(server):
    return server.predict(*EMPLOYEES).content, server.client.get("/model").content


def refused(answer):
    assert answer.status_code == 503
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json()["code"] == "store_unavailable"
    return True


def made_without_room(server, sample):
    """A training for whose end there is no room; what its caller was told who waited for it."""
    with server.training_meanwhile(sample, SOME_TIME) as answers:
        training = server.hold_training()
        fill_volume(server)
        let_go(training)
        until(lambda: "training cannot be stored yet" in server.output, "it has been trained")
    assert (answers[0].status_code, answers[0].json()["state"]) == (202, "running")
    return answers[0]


def test_a_full_volume_costs_time_and_nothing_else(server, sample):
    first = server()
    first.train(sample).raise_for_status()
    first.train(sample, "?seed=2&activate=false").raise_for_status()
    before = in_service(first)
    trainings, began = first.client.get("/train").json(), first.output.count("training began")
    fill_volume(first)

    assert refused(first.train(sample, SOME_TIME))
    assert first.output.count("training began") == began, "known before the training, not after it"
    assert first.client.get("/train").json() == trainings
    assert refused(first.client.put("/model", json={"version": 2}))
    assert in_service(first) == before
    assert first.client.get("/readyz").json() == {"ready": True, "model_version": 1}
    make_room(first)
    assert first.train(sample, "?seed=3").json()["version"] == 3

    first.stop()

    second = server(PROMOTION_TRAIN_WAIT="1")
    unfinished = made_without_room(second, sample)
    before = in_service(second)
    second.process.kill()
    second.ended()

    second.let_leases_end()
    again = server()
    assert in_service(again) == before
    location = unfinished.headers["Location"]
    training = until(lambda: (t := again.client.get(location).json())["finished_at"] and t, "it is made again")
    assert (training["state"], training["attempt"], training["model_version"]) == ("succeeded", 2, 4)
    assert [version["version"] for version in again.client.get("/model/versions").json()["versions"]] == [4, 3, 2, 1]


def test_a_training_is_stored_when_there_is_room_again(server, sample):
    server = server(PROMOTION_TRAIN_WAIT="1")
    unfinished = made_without_room(server, sample)
    make_room(server)
    location = unfinished.headers["Location"]
    training = until(lambda: (t := server.client.get(location).json())["finished_at"] and t, "it is stored")
    assert (training["state"], training["attempt"], training["model_version"]) == ("succeeded", 1, 1)


def test_a_volume_that_is_full_from_the_start_is_refused(server, tmp_path):
    (tmp_path / "data").mkdir()
    without_room = ("sh", "-c", 'ulimit -f 0 && exec "$@"', "sh", sys.executable, "-m", "uvicorn", "app.main:app")
    server = server(command=without_room, wait=False)
    assert server.ended() not in (0, None)
    assert "Traceback" not in server.output
    assert any("cannot start" in line and "disk" in line for line in server.stderr), server.output

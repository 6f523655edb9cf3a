"""A volume without room: trainings are refused at once, the model in service goes on scoring, nothing is torn, and a
training that ran already is not lost.
"""

import resource
import sys
import time

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


def test_a_full_volume_costs_time_and_nothing_else(server, sample, slowly, until):
    first = server(PROMOTION_TRAIN_WAIT="4", PROMOTION_TRAINING_LEASE="1")
    first.train(sample).raise_for_status()
    first.train(sample, "?seed=2&activate=false").raise_for_status()
    before = in_service(first)
    fill_volume(first)

    began = time.perf_counter()
    assert refused(first.train(sample, slowly(6)))
    assert time.perf_counter() - began < 2, "known before the training, not after it"
    assert refused(first.client.put("/model", json={"version": 2}))
    assert in_service(first) == before
    assert first.client.get("/readyz").json() == {"ready": True, "model_version": 1}
    make_room(first)
    assert first.train(sample, "?seed=3").json()["version"] == 3

    with first.training_meanwhile(sample, slowly(2)) as unfinished:
        fill_volume(first)
    assert (unfinished[0].status_code, unfinished[0].json()["state"]) == (202, "running")
    until(lambda: "training cannot be stored yet" in first.output, "it has been trained")
    before = in_service(first)
    first.process.kill()
    first.ended()

    again = server(PROMOTION_TRAINING_LEASE="1")
    assert in_service(again) == before
    location = unfinished[0].headers["Location"]
    training = until(lambda: (t := again.client.get(location).json())["finished_at"] and t, "it is made again")
    assert (training["state"], training["attempt"], training["model_version"]) == ("succeeded", 2, 4)
    assert [version["version"] for version in again.client.get("/model/versions").json()["versions"]] == [4, 3, 2, 1]


def test_a_training_is_stored_when_there_is_room_again(server, sample, slowly, until):
    server = server(PROMOTION_TRAIN_WAIT="3")
    with server.training_meanwhile(sample, slowly(1)) as unfinished:
        fill_volume(server)
    assert unfinished[0].status_code == 202
    make_room(server)
    location = unfinished[0].headers["Location"]
    training = until(lambda: (t := server.client.get(location).json())["finished_at"] and t, "it is stored")
    assert (training["state"], training["attempt"], training["model_version"]) == ("succeeded", 1, 1)


def test_a_volume_that_is_full_from_the_start_is_refused(server, tmp_path):
    (tmp_path / "data").mkdir()
    without_room = ("sh", "-c", 'ulimit -f 0 && exec "$@"', "sh", sys.executable, "-m", "uvicorn", "app.main:app")
    server = server(command=without_room, wait=False)
    assert server.ended() not in (0, None)
    assert "Traceback" not in server.output
    assert any("cannot start" in line and "disk" in line for line in server.stderr), server.output

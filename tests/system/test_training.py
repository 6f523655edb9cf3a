"""What a training means for everybody else: nothing, until its model is in service."""

import os
import signal
import socket
import statistics
import time

import pytest

from tests.processes import SOME_TIME, alive, let_go
from tests.waiting import until

EMPLOYEES = [(6.5, 82), (1, 40), (20, 95.5), (0, 0), (11.25, 71)]


def versions(server):
    return [version["version"] for version in server.client.get("/model/versions").json()["versions"]]


def trainings(server):
    return server.client.get("/train").json()["trainings"]


@pytest.mark.long
def test_scoring_goes_on_while_a_training_runs(server, sample):
    server = server()
    server.train(sample).raise_for_status()
    before = server.predict(*EMPLOYEES).json()

    answers, seconds = [], []
    began = time.perf_counter()
    with server.training_meanwhile(sample, "?solver=gradient_descent&epochs=32000&report=false") as trained:
        while not trained:
            sent = time.perf_counter()
            answers.append(server.predict(*EMPLOYEES))
            seconds.append(time.perf_counter() - sent)
    training = time.perf_counter() - began
    after = [server.predict(*EMPLOYEES).json() for _ in range(20)]

    assert trained[0].status_code == 201
    assert {answer.status_code for answer in answers} == {200}
    scores = [answer.json() for answer in answers]
    old = [score for score in scores if score["model_version"] == 1]
    assert all(score == before for score in old)
    assert scores == old + [after[0]] * (len(scores) - len(old)), "once in service, the new model stays in service"
    assert {score["model_version"] for score in after} == {2}
    assert after[0]["predictions"] != before["predictions"]
    assert len(old) > 100, "long enough to mean something"
    assert statistics.median(seconds) < training / 100
    assert max(seconds) < training / 4


@pytest.mark.long
def test_a_caller_that_hangs_up_changes_nothing(server, sample):
    server = server()
    body = sample.encode()
    with socket.create_connection(server.address) as caller:
        head = f"POST /train{SOME_TIME} HTTP/1.1\r\nHost: x\r\nContent-Type: text/csv\r\n"
        caller.sendall(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)
        training = server.hold_training()
    assert versions(server) == []
    let_go(training)
    until(lambda: versions(server) == [1], "the training that nobody waits for gives version 1")
    assert server.client.get("/model").json()["version"] == 1
    assert server.predict((6.5, 82)).json()["model_version"] == 1


def test_a_training_whose_process_is_killed_every_time_fails_alone(server, sample):
    server = server()
    server.train(sample).raise_for_status()
    before = server.predict(*EMPLOYEES).content
    with server.training_meanwhile(sample, SOME_TIME) as failed:
        killed = set()
        for _ in range(3):
            new = until(lambda known=frozenset(killed): set(server.runners()) - known, "a training process").pop()
            killed.add(new)
            os.kill(new, signal.SIGKILL)
    assert failed[0].status_code == 500
    assert failed[0].headers["Content-Type"] == "application/problem+json"
    assert failed[0].json()["code"] == "training_failed"
    assert server.predict(*EMPLOYEES).content == before
    assert versions(server) == [1]
    failures = 'promotion_trainings_total{outcome="failed"} 1.0'
    metrics = until(lambda: failures in (text := server.client.get("/metrics").text) and text, "it is counted")
    assert 'promotion_trainings_total{outcome="succeeded"} 1.0' in metrics
    assert server.train(sample, "?seed=5").json()["version"] == 2


@pytest.mark.long
def test_a_killed_server_leaves_the_old_model_and_no_process(server, sample, many_decisions):
    first = server()
    first.train(sample).raise_for_status()
    before = first.predict(*EMPLOYEES).content, first.client.get("/model").content
    minutes = "?solver=gradient_descent&epochs=100000"
    with first.training_meanwhile(many_decisions, minutes) as unanswered:
        until(lambda: [t for t in trainings(first) if t["state"] == "running" and t["progress"]], "it tells of itself")
        training = first.hold_training()
        os.kill(first.pid, signal.SIGKILL)
        first.process.wait()
        let_go(training)
        until(lambda: not alive(training), "the training notices that its service is gone")
        assert first.ended() == -signal.SIGKILL
    assert unanswered == []

    first.let_leases_end()
    again = server()
    assert (again.predict(*EMPLOYEES).content, again.client.get("/model").content) == before
    assert versions(again) == [1]
    goes_on = until(again.runners, "the next server goes on with the training")
    (training, _) = trainings(again)
    assert (training["state"], training["attempt"]) == ("running", 2)
    again.client.delete(f"/train/{training['id']}").raise_for_status()
    until(lambda: not alive(goes_on[0]), "a cancelled training stops")
    assert again.train(sample).json()["version"] == 2


def test_an_answered_training_outlives_a_kill(server, sample):
    first = server()
    first.train(sample).raise_for_status()
    answer = first.train(sample, "?seed=2")
    first.stop(signal.SIGKILL)
    again = server()
    assert again.client.get("/model").content == answer.content
    assert versions(again) == [2, 1]

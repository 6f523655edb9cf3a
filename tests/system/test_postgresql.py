"""Replicas on one PostgreSQL: news within a second, a database that goes away, a training that outlives that."""

import os
import signal
from contextlib import closing
from time import monotonic, sleep

import pytest

from tests.postgres import Cluster
from tests.processes import SOME_TIME, alive, let_go
from tests.waiting import until

LEASE = 4
EMPLOYEE = (6.5, 82)


@pytest.fixture(scope="module")
def own():
    """A cluster that these tests may stop."""
    with closing(Cluster()) as cluster:
        yield cluster


@pytest.fixture
def replicas(server, own, tmp_path):
    """Two servers with nothing in common but the database, as on two machines."""
    url = own.new_database()
    return [server(tmp_path / name, PROMOTION_DATABASE_URL=url) for name in ("a", "b")]


def version(server):
    answer = server.predict(EMPLOYEE)
    assert answer.status_code == 200
    return answer.json()["model_version"]


@pytest.mark.long
def test_when_an_activation_was_answered_every_replica_uses_it(replicas, sample):
    one, other = replicas
    for number, seed in enumerate("123", 1):
        one.train(sample, f"?network=single_neuron&seed={seed}").raise_for_status()
        assert [version(other) for _ in range(20)] == [number] * 20
        assert version(one) == number
    other.client.put("/model", json={"version": 1}).raise_for_status()
    assert [version(one) for _ in range(20)] == [1] * 20
    assert list(one.data_dir.parent.glob("*/promotion.db")) == []


@pytest.mark.alone
def test_an_answer_is_held_no_longer_than_the_news_may_take(replicas, sample):
    one, other = replicas
    for seed in "123":
        began = monotonic()
        one.train(sample, f"?network=single_neuron&seed={seed}").raise_for_status()
        assert monotonic() - began < 5
    began = monotonic()
    other.client.put("/model", json={"version": 1}).raise_for_status()
    assert monotonic() - began < 1.0


@pytest.mark.long
def test_a_version_by_name_is_there_at_once(replicas, sample):
    one, other = replicas
    one.train(sample, "?network=single_neuron&activate=false").raise_for_status()
    employees = {"employees": [{"years_of_experience": 6.5, "performance_score": 82}]}
    answer = other.client.post("/predict?model_version=1", json=employees)
    assert (answer.status_code, answer.json()["model_version"]) == (200, 1)


def test_while_the_database_is_away_the_model_in_memory_answers(replicas, own, sample):
    one, other = replicas
    one.train(sample, "?network=single_neuron&seed=1").raise_for_status()
    assert one.predict(EMPLOYEE).json()["model_version"] == other.predict(EMPLOYEE).json()["model_version"] == 1
    one.train(sample, "?threshold=0.25").raise_for_status()  # nobody has asked either of them for it before
    own.stop("immediate")
    scores = []
    try:
        for server in replicas:
            unready = server.client.get("/readyz")
            assert (unready.status_code, unready.json()["code"]) == (503, "store_unavailable")
            for secret in ("127.0.0.1", str(own.port), "promotion@"):
                assert secret not in unready.text
            assert server.client.get("/livez").status_code == 200
            refused = server.train(sample)
            assert (refused.status_code, refused.json()["code"]) == (503, "store_unavailable")
            scores += [server.predict(EMPLOYEE) for _ in range(200)]
            assert server.client.get("/model").json()["version"] == 2
    finally:
        own.start()
    for server in replicas:
        until(lambda server=server: server.client.get("/readyz").status_code == 200, "it is ready again")
    other.train(sample, "?network=single_neuron&seed=2").raise_for_status()
    assert {(score.status_code, score.json()["model_version"]) for score in scores} == {(200, 2)}
    assert len({score.content for score in scores}) == 1
    assert version(one) == 3
    assert "Traceback" not in one.output + other.output


@pytest.mark.alone
def test_nobody_waits_long_for_a_database_that_is_away(replicas, own, sample):
    one, other = replicas
    one.train(sample, "?network=single_neuron").raise_for_status()
    assert version(one) == version(other) == 1
    own.stop("immediate")
    try:
        for server in replicas:
            longest = 0.0
            for _ in range(200):
                began = monotonic()
                assert version(server) == 1
                longest = max(longest, monotonic() - began)
            assert longest < 2.0
    finally:
        own.start()


@pytest.mark.long
def test_trainings_outlive_an_outage_twice_as_long_as_their_leases(server, own, sample, tmp_path):
    """One that ends meanwhile is stored afterwards, one that goes on goes on, and neither is made a second time."""
    settings = {
        "PROMOTION_DATABASE_URL": own.new_database(),
        "PROMOTION_TRAINING_LEASE": str(LEASE),
        "PROMOTION_TRAININGS_AT_ONCE": "2",
    }
    replicas = [server(tmp_path / name, **settings) for name in ("a", "b")]
    ids, held = [], []
    for _ in range(2):
        ids.append(put_into_queue(replicas[0], sample))
        runs = until(lambda: next((one for one in replicas if began(one, ids[-1])), None), "it runs")
        held.append(runs.hold_training())
    own.stop("immediate")
    let_go(held[0])
    until(lambda: "training cannot be stored yet" in replicas[0].output + replicas[1].output, "the first has ended")
    sleep(2 * LEASE)
    own.start()
    for one in replicas:
        until(lambda one=one: one.client.get("/readyz").status_code == 200, "the database answers")
    first = ended(replicas[0], ids[0])
    let_go(held[1])
    second = ended(replicas[1], ids[1])
    for number, training in enumerate((first, second), 1):
        assert (training["state"], training["attempt"], training["model_version"]) == ("succeeded", 1, number)
    assert [v["version"] for v in replicas[0].client.get("/model/versions").json()["versions"]] == [2, 1]


@pytest.mark.long
def test_another_replica_goes_on_with_the_training_of_one_that_was_killed(replicas, sample):
    one, other = replicas
    training_id = put_into_queue(one, sample)
    until(lambda: began(one, training_id) or began(other, training_id), "it runs")
    runs, goes_on = (one, other) if began(one, training_id) else (other, one)
    orphan = runs.hold_training()
    os.kill(runs.pid, signal.SIGKILL)
    let_go(orphan)
    until(lambda: not alive(orphan), "it notices that its service is gone")
    goes_on.let_leases_end()
    training = ended(goes_on, training_id)
    assert (training["state"], training["attempt"], training["model_version"]) == ("succeeded", 2, 1)
    until(lambda: goes_on.client.get("/model").json().get("training_id") == training_id, "its model is in service")


def put_into_queue(server, sample):
    """A training that nobody waits for; its id."""
    headers = {"Content-Type": "text/csv", "Prefer": "respond-async"}
    answer = server.client.post(f"/train{SOME_TIME}", content=sample.encode(), headers=headers)
    return answer.raise_for_status().json()["id"]


def began(server, training_id):
    """Whether a server runs a training, or has run it."""
    return f'"training":"{training_id}"' in server.output


def ended(server, training_id):
    """A training, when it has ended."""
    path = f"/train/{training_id}"
    return until(lambda: (training := server.client.get(path).json())["finished_at"] and training, "the training ends")

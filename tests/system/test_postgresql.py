"""Replicas on one PostgreSQL: news within a second, a database that goes away, a training that outlives that."""

import os
import signal
from contextlib import closing
from time import monotonic, sleep

import pytest

from tests.postgres import Cluster

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
    return [server(tmp_path / name, PROMOTION_DATABASE_URL=url, PROMOTION_TRAINING_LEASE="2") for name in ("a", "b")]


def version(server):
    answer = server.predict(EMPLOYEE)
    assert answer.status_code == 200
    return answer.json()["model_version"]


def test_when_an_activation_was_answered_every_replica_uses_it(replicas, sample):
    one, other = replicas
    for number, seed in enumerate("123", 1):
        began = monotonic()
        one.train(sample, f"?network=single_neuron&seed={seed}").raise_for_status()
        assert monotonic() - began < 5
        assert [version(other) for _ in range(20)] == [number] * 20
        assert version(one) == number
    began = monotonic()
    other.client.put("/model", json={"version": 1}).raise_for_status()
    assert monotonic() - began < 1.0, "the answer is held no longer than the news may take"
    assert [version(one) for _ in range(20)] == [1] * 20
    assert list(one.data_dir.parent.glob("*/promotion.db")) == []


def test_a_version_by_name_is_there_at_once(replicas, sample):
    one, other = replicas
    one.train(sample, "?network=single_neuron&activate=false").raise_for_status()
    employees = {"employees": [{"years_of_experience": 6.5, "performance_score": 82}]}
    answer = other.client.post("/predict?model_version=1", json=employees)
    assert (answer.status_code, answer.json()["model_version"]) == (200, 1)


def test_while_the_database_is_away_the_model_in_memory_answers(replicas, own, sample, until):
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
            longest = 0.0
            for _ in range(200):
                began = monotonic()
                scores.append(server.predict(EMPLOYEE))
                longest = max(longest, monotonic() - began)
            assert longest < 2.0
            assert server.client.get("/model").json()["version"] == 2
    finally:
        own.start()
    for server in replicas:
        until(lambda server=server: server.client.get("/readyz").status_code == 200, "it is ready again", 10)
    other.train(sample, "?network=single_neuron&seed=2").raise_for_status()
    assert {(score.status_code, score.json()["model_version"]) for score in scores} == {(200, 2)}
    assert len({score.content for score in scores}) == 1
    assert version(one) == 3
    assert "Traceback" not in one.output + other.output


@pytest.mark.parametrize("query", ["&epochs=30000", "&epochs=30000&hidden_units=12"], ids=["ends meanwhile", "goes on"])
def test_a_training_outlives_an_outage_twice_as_long_as_its_lease(replicas, own, sample, until, query):
    """One that ends meanwhile is stored afterwards, one that goes on goes on, and neither is made a second time."""
    one, other = replicas
    headers = {"Content-Type": "text/csv", "Prefer": "respond-async"}
    accepted = one.client.post(f"/train?solver=gradient_descent{query}", content=sample.encode(), headers=headers)
    until(lambda: one.runners() or other.runners(), "it runs")
    own.stop("immediate")
    sleep(4)
    own.start()

    def ended():
        training = one.client.get(accepted.headers["Location"]).json()
        return training if training["state"] not in ("queued", "running") else None

    until(lambda: one.client.get("/readyz").status_code == 200, "the database answers")
    training = until(ended, "the training ends")
    assert (training["state"], training["attempt"], training["model_version"]) == ("succeeded", 1, 1)
    assert [v["version"] for v in one.client.get("/model/versions").json()["versions"]] == [1]


def test_another_replica_goes_on_with_the_training_of_one_that_was_killed(replicas, sample, slowly, until):
    one, other = replicas
    headers = {"Content-Type": "text/csv", "Prefer": "respond-async"}
    accepted = one.client.post(f"/train{slowly(2)}", content=sample.encode(), headers=headers)
    location = accepted.headers["Location"]
    began = lambda server: f'"training":"{accepted.json()["id"]}"' in server.output  # noqa: E731
    until(lambda: began(one) or began(other), "it runs")
    runs, goes_on = (one, other) if began(one) else (other, one)
    os.kill(runs.pid, signal.SIGKILL)
    training = until(
        lambda: (t := goes_on.client.get(location).json())["state"] == "succeeded" and t, "the other one ends it"
    )
    assert (training["attempt"], training["model_version"]) == (2, 1)
    until(
        lambda: goes_on.client.get("/model").json().get("training_id") == training["id"], "its model is in service", 1
    )

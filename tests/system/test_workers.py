"""Four workers on one database: never stale, counted together, migrated once."""

import json
import sqlite3
from contextlib import closing

import httpx
import pytest

from tests.waiting import PATIENCE, until

WORKERS = 4
EMPLOYEE = {"employees": [{"years_of_experience": 6.5, "performance_score": 82}]}
NO_TLS = False
"""Reading the certificates of authorities takes longer than the request."""


@pytest.fixture
def workers(server):
    """Four workers, started at once on a new directory."""
    return server(workers=WORKERS)


def predict(server):
    """One score over a connection of its own: the answer, and the name of the process that gave it."""
    answer = httpx.post(f"{server.url}/predict", json=EMPLOYEE, timeout=PATIENCE, verify=NO_TLS)
    assert answer.status_code == 200
    return answer, answer.headers["X-Request-ID"].partition("-")[0]


def metric(server, name):
    """The sum of a metric's samples in one scrape, by whichever worker answers it."""
    lines = httpx.get(f"{server.url}/metrics", timeout=PATIENCE, verify=NO_TLS).text.splitlines()
    return sum(float(line.rpartition(" ")[2]) for line in lines if line.startswith(name))


@pytest.mark.long
def test_no_worker_is_ever_stale(workers, sample):
    seen = set()

    def every_worker_has_scored():
        answer, process = predict(workers)
        assert answer.json()["model_version"] == 1
        seen.add(process)
        return len(seen) == WORKERS

    workers.train(sample).raise_for_status()
    until(every_worker_has_scored, "each of the workers holds version 1")
    for version in (2, 3):
        workers.train(sample, f"?seed={version}").raise_for_status()
        scored = [predict(workers) for _ in range(200)]
        assert {answer.json()["model_version"] for answer, _ in scored} == {version}
        assert len({answer.content for answer, _ in scored}) == 1
        assert len({process for _, process in scored}) > 1
    httpx.put(f"{workers.url}/model", json={"version": 1}, timeout=PATIENCE).raise_for_status()
    assert {predict(workers)[0].json()["model_version"] for _ in range(50)} == {1}


def test_metrics_are_the_sum_over_the_workers(workers, sample):
    workers.train(sample).raise_for_status()
    processes = {predict(workers)[1] for _ in range(100)}
    assert len(processes) > 1
    predicts = 'promotion_request_duration_seconds_count{method="POST",route="/predict",status="200"}'
    until(lambda: metric(workers, predicts) >= 100, "every request is counted")
    workers.train(sample, "?seed=2").raise_for_status()
    for _ in range(20):  # whoever answers the scrape
        assert metric(workers, predicts) == 100
        assert metric(workers, 'promotion_trainings_total{outcome="succeeded"}') == 2
        assert metric(workers, "promotion_active_model_version") == 2
    assert workers.stop() == 0


def test_four_workers_migrate_a_new_database_once(workers):
    assert "Traceback" not in workers.output
    assert "cannot start" not in workers.output
    assert {json.loads(line)["level"] for line in workers.stdout} == {"info"}
    with closing(sqlite3.connect(workers.data_dir / "promotion.db")) as connection:
        assert len(connection.execute("SELECT version_num FROM alembic_version").fetchall()) == 1
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]

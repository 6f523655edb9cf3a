"""A database of every released schema is kept as SQL: opened, it is brought up to date and scores as it did."""

import sqlite3
from contextlib import closing
from math import exp
from pathlib import Path

import pytest
import sqlalchemy as sa

from app.store.open import open_store
from app.store.schema import trainings
from app.store.sqlite import FILE_NAME

DATABASES = Path(__file__).parent / "databases"
MIGRATIONS = Path(__file__).parents[2] / "app/store/migrations/versions"
PAIRS = [(0, 0), (6.5, 82), (17, 91)]
DIGESTS = {
    "0001": [
        "sha256:dd1fff31bb5893b93114d51e35f6876d1d0e028b2ba61ff523b11534f254f1d7",
        "sha256:3311f6eb31248bae2116c4858bdfcda33bd1fe4caed86f2867db7178c35f4478",
    ],
    "0002": [
        "sha256:61019bc0d0bdf87d667450c8de76140a5a31b4e244f2688544b424c3cb951aa1",
        "sha256:3311f6eb31248bae2116c4858bdfcda33bd1fe4caed86f2867db7178c35f4478",
    ],
    "0003": [
        "sha256:d69b3e8531c3b6944f2306ca3b17d9b18c1534a625653f43377e8e4286566d06",
        "sha256:3311f6eb31248bae2116c4858bdfcda33bd1fe4caed86f2867db7178c35f4478",
    ],
}


@pytest.fixture
def restored(tmp_path, serve):
    """Starts a service on the database of a revision, with nothing but that file in its directory."""

    def start(revision):
        with closing(sqlite3.connect(tmp_path / FILE_NAME)) as connection:
            connection.executescript((DATABASES / f"{revision}.sql").read_text(encoding="utf-8"))
        return serve()

    return start


def test_one_is_kept_of_every_revision():
    kept = {file.stem for file in DATABASES.glob("*.sql")}
    assert kept == {file.name.split("_")[0] for file in MIGRATIONS.glob("[0-9]*.py")} == set(DIGESTS)


@pytest.mark.parametrize("revision", DIGESTS)
def test_it_serves_what_was_in_it(restored, revision, past_decisions):
    service = restored(revision)
    versions = service.get("/model/versions").json()["versions"]
    assert [(v["version"], v["active"], v["threshold"], v["digest"]) for v in versions] == [
        (2, False, 0.25, DIGESTS[revision][1]),
        (1, True, 0.5, DIGESTS[revision][0]),
    ]
    assert [v["training"]["rows"] for v in versions] == [200, 200]
    records = [{"years_of_experience": years, "performance_score": score} for years, score in PAIRS]
    weights = versions[0]["network"]["weights"]
    expected = [
        1 / (1 + exp(-(weights["output"][0] * years + weights["output"][1] * score + weights["output_bias"])))
        for years, score in PAIRS
    ]
    scores = service.post("/predict?model_version=2", records).json()["predictions"]
    assert [score["probability"] for score in scores] == pytest.approx(expected, rel=1e-12)
    assert service.post("/predict", records).json()["model_version"] == 1
    assert service.post("/train?network=single_neuron", past_decisions).json()["version"] == 3
    assert service.get("/readyz").json() == {"ready": True, "model_version": 3}


@pytest.mark.parametrize("revision", DIGESTS)
def test_what_it_can_explain_and_report(restored, revision):
    """Versions from before explanations are no less served, and say that they cannot be explained."""
    service = restored(revision)
    records = [{"years_of_experience": years, "performance_score": score} for years, score in PAIRS]
    model, answers = (
        service.get("/model").json(),
        [service.post("/predict?explain=true", r) for r in (records, records[:1])],
    )
    if revision < "0003":
        assert model["report"] is None
        assert [answer.json()["code"] for answer in answers] == ["not_explainable"] * 2
        assert {answer.status_code for answer in answers} == {409}
    else:
        assert model["report"]["data"]["rows"] == 200
        alone, *_ = answers[0].json()["predictions"]
        assert answers[1].json()["predictions"] == [alone]
        assert alone["explanation"]["base_logit"] == pytest.approx(-3.7748706552700986, rel=1e-12)


@pytest.mark.parametrize("revision", DIGESTS)
def test_its_history_is_shown(restored, revision):
    service = restored(revision)
    log = service.get("/model/activations").json()["activations"]
    assert [(entry["version"], entry["previous_version"]) for entry in log] == [(1, 2), (2, 1), (1, None)]
    trainings = service.get("/train").json()["trainings"]
    assert [training["state"] for training in trainings[-3:]] == ["failed", "succeeded", "succeeded"]
    assert [training["attempt"] for training in trainings] == [1] * len(trainings)
    assert trainings[-3]["problem"]["code"] == "invalid_options"
    assert [training["model_version"] for training in trainings[-3:]] == [None, 2, 1]


def test_a_training_that_an_older_release_left_running_has_failed(tmp_path):
    """A release without a queue kept no records, so that it cannot be made again."""
    with closing(sqlite3.connect(tmp_path / FILE_NAME)) as connection:
        connection.executescript((DATABASES / "0001.sql").read_text(encoding="utf-8"))
        connection.execute("UPDATE trainings SET state = 'running', finished_at = NULL WHERE state = 'failed'")
        connection.commit()
    store = open_store(tmp_path)
    with store.reading() as connection:
        row = connection.execute(sa.select(trainings).where(trainings.c.state == "failed")).one()
    store.close()
    assert row.problem == {"code": "training_failed", "detail": "The service was stopped while it trained."}
    assert row.finished_at == row.started_at

"""A database of every released schema is kept as SQL: opened, it is brought up to date and scores as it did."""

import sqlite3
from contextlib import closing
from math import exp
from pathlib import Path

import pytest

from app.store.sqlite import FILE_NAME

DATABASES = Path(__file__).parent / "databases"
MIGRATIONS = Path(__file__).parents[2] / "app/store/migrations/versions"
PAIRS = [(0, 0), (6.5, 82), (17, 91)]
DIGESTS = {
    "0001": [
        "sha256:dd1fff31bb5893b93114d51e35f6876d1d0e028b2ba61ff523b11534f254f1d7",
        "sha256:3311f6eb31248bae2116c4858bdfcda33bd1fe4caed86f2867db7178c35f4478",
    ]
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

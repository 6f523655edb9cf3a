"""The sample file: what its script makes, worth training on, and served."""

import csv
import io
import math
from collections import Counter

import pytest

from app.samples import promotions


@pytest.fixture(scope="module")
def rows():
    return list(csv.DictReader(io.StringIO(promotions.FILE.read_text(encoding="utf-8"))))


def test_the_file_is_what_the_script_makes(tmp_path, monkeypatch):
    monkeypatch.setattr(promotions, "FILE", tmp_path / "again.csv")
    committed = promotions.__spec__.loader.get_data(promotions.__file__.replace(".py", ".csv"))
    promotions.main()
    assert (tmp_path / "again.csv").read_bytes() == committed


def test_2000_rows_of_four_fields(rows):
    assert len(rows) == promotions.ROWS == 2000
    assert list(rows[0]) == ["employee_id", "years_of_experience", "performance_score", "promoted"]
    assert len({row["employee_id"] for row in rows}) == 2000


def test_the_values_are_spread(rows):
    years = Counter(float(row["years_of_experience"]) for row in rows)
    score = Counter(float(row["performance_score"]) for row in rows)
    assert min(years) <= 0.5
    assert 30 <= max(years) <= 40
    assert len(years) > 50
    assert 20 < min(score) < 50
    assert max(score) == 100
    assert len(score) > 50
    assert max(years.values()) < 200
    assert Counter(row["promoted"] for row in rows).keys() == {"true", "false"}
    assert 0.1 < sum(row["promoted"] == "true" for row in rows) / 2000 < 0.5


def sigmoid(z):
    return 1 / (1 + math.exp(-z))


def chance(row):
    """The documented rule."""
    years, score = float(row["years_of_experience"]), float(row["performance_score"])
    return sigmoid(-5.5 + 7.5 * sigmoid(0.9 * (years - 5)) * sigmoid(0.25 * (score - 76)))


def test_the_decisions_follow_the_documented_rule(rows):
    """Expected and found promotions by the rule's own probability: within four standard deviations in each band."""
    bands = [[row for row in rows if low <= chance(row) < low + 0.2] for low in (0, 0.2, 0.4, 0.6, 0.8)]
    for band in bands:
        expected = sum(map(chance, band))
        deviation = math.sqrt(sum(chance(row) * (1 - chance(row)) for row in band))
        found = sum(row["promoted"] == "true" for row in band)
        assert len(band) > 20
        assert abs(found - expected) < 4 * deviation


def test_it_is_served_and_trains(service, rows):
    answer = service.get("/samples/promotions.csv")
    assert answer.content == promotions.FILE.read_bytes()
    assert answer.headers["Content-Type"].startswith("text/csv")
    model = service.post("/train", answer.content, answer.headers["Content-Type"]).json()
    assert (model["training"]["rows"], model["training"]["outcome"]) == (2000, "converged")
    assert model["training"]["promoted"] == sum(row["promoted"] == "true" for row in rows)
    best = -sum(math.log(chance(row) if row["promoted"] == "true" else 1 - chance(row)) for row in rows) / 2000
    assert best - 0.01 < model["training"]["loss"] < best + 0.01


def test_the_model_finds_the_rule(trained, rows):
    """Both must be there, enough years and a high score; one alone does not do."""
    pairs = [(12, 95), (1, 95), (12, 55), (1, 55)]
    body = [{"years_of_experience": years, "performance_score": score} for years, score in pairs]
    both, *rest = (p["probability"] for p in trained.post("/predict", body).json()["predictions"])
    assert both > 0.6
    assert max(rest) < 0.2
    assert len(rows) > trained.get("/model").json()["training"]["rows"]

"""A mistake of our own: the caller learns nothing of it but its id, the log learns its place and not its message."""

import json
import sqlite3
from contextlib import closing

import pytest

SECRET = "Kx7719Qz"


@pytest.fixture
def damaged(serve, past_decisions, capfdbinary):
    """Starts a service whose one version has a card that nothing can read, and gives a reader of its log."""

    def start():
        service = serve()
        service.post("/train?network=single_neuron", past_decisions)
        with closing(sqlite3.connect(service.data_dir / "promotion.db")) as connection, connection:
            connection.execute("UPDATE model_versions SET card = ?", (json.dumps({SECRET: SECRET}),))
        service.app.state.registry.version.cache_clear()
        capfdbinary.readouterr()
        return service, lambda: [json.loads(line) for line in capfdbinary.readouterr().out.splitlines()]

    return start


RECORD = {"employees": [{"employee_id": SECRET, "years_of_experience": 1, "performance_score": 2}]}
REQUESTS = [
    ("GET", "/model", "/model", {}),
    ("POST", "/predict", "/predict", {"json": RECORD}),
    ("PUT", "/model", "/model", {"json": {"version": 1}}),
    ("GET", "/model/versions", "/model/versions?limit=7", {}),
    ("GET", "/model/versions/{version}", "/model/versions/1", {}),
    ("GET", "/readyz", "/readyz", {}),
]


@pytest.mark.parametrize("request_", REQUESTS, ids=[f"{method} {url}" for method, _, url, _ in REQUESTS])
def test_a_mistake_is_told_to_the_log_only(damaged, problem, request_):
    method, route, url, body = request_
    service, log = damaged()
    answer = service.send(method, url, headers={"X-Request-ID": "a-request"}, **body)
    document = problem(answer, "internal_error", 500)
    assert document["detail"] == "The service made a mistake."
    assert answer.headers["X-Request-ID"] == "a-request"
    mistake, line = log()
    assert (mistake["event"], mistake["level"], mistake["error"]) == ("mistake", "error", "KeyError")
    assert mistake["request_id"] == line["request_id"] == "a-request"
    assert "registry.py:" in mistake["frames"][-1]
    assert (line["method"], line["route"], line["status"]) == (method, route, 500)
    assert "KeyError" not in answer.text
    for place in (answer.text, str(answer.headers), str(mistake), str(line)):
        assert SECRET not in place
        assert "threshold" not in place  # the message of the KeyError


def test_the_service_goes_on_after_a_mistake(damaged, past_decisions):
    service, log = damaged()
    assert service.get("/model").status_code == 500
    assert service.post("/train?network=single_neuron", past_decisions).json()["version"] == 2
    assert service.get("/model").json()["version"] == 2
    assert [line["status"] for line in log() if line["event"] == "request"] == [500, 201, 200]


def test_damaged_weights_are_told_from_a_mistake(service, past_decisions, problem):
    for _ in range(2):
        service.post("/train?network=single_neuron", past_decisions)
    with closing(sqlite3.connect(service.data_dir / "promotion.db")) as connection, connection:
        connection.execute("UPDATE model_versions SET weights = CAST(weights || 'x' AS BLOB) WHERE version = 2")
    service.app.state.registry.version.cache_clear()
    for answer in (service.get("/model"), service.post("/predict", past_decisions), service.get("/model/versions/2")):
        document = problem(answer, "store_unavailable", 503)
        assert document["detail"] == "The weights of model version 2 do not match their digest."
    problem(service.get("/readyz"), "store_unavailable", 503)
    assert service.put("/model", {"version": 1}).json()["version"] == 1
    assert service.post("/predict", past_decisions[:1]).json()["model_version"] == 1


def test_a_service_starts_with_damaged_weights_so_that_another_version_can_be_put_into_their_place(
    serve, past_decisions, problem
):
    first = serve()
    for _ in range(2):
        first.post("/train?network=single_neuron", past_decisions)
    first.close()
    with closing(sqlite3.connect(first.data_dir / "promotion.db")) as connection, connection:
        connection.execute("UPDATE model_versions SET weights = CAST(weights || 'x' AS BLOB) WHERE version = 2")
    service = serve()
    problem(service.post("/predict", past_decisions[:1]), "store_unavailable", 503)
    decisions = {"decisions": [{"sex": sex, "race_ethnicity": None, "selected": sex == "a"} for sex in "ab"]}
    assert service.post("/audit", decisions).json()["basis"] == "selected", "which needs no model"
    scored = {"decisions": [{"years_of_experience": 5, "performance_score": 80, "sex": "a", "race_ethnicity": None}]}
    problem(service.post("/audit", scored), "store_unavailable", 503)
    assert service.put("/model", {"version": 1}).status_code == 200
    assert service.post("/predict", past_decisions[:1]).json()["model_version"] == 1

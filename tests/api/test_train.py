"""POST /train: a model that is stored and in service before the answer leaves."""

import hashlib
import struct
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from math import log

import pytest

from tests.processes import SOME_TIME, hold_training, let_go
from tests.waiting import PATIENCE


def digest_by_hand(records):
    rows = (struct.pack("<3d", r["years_of_experience"], r["performance_score"], r["promoted"]) for r in records)
    return "sha256:" + hashlib.sha256(b"".join(rows)).hexdigest()


def test_the_answer_is_the_model_in_service(service, past_decisions):
    answer = service.post("/train", past_decisions)
    assert answer.status_code == 201
    assert answer.headers["Location"] == "/model/versions/1"
    model = answer.json()
    assert service.get("/model").json() == model
    assert service.get(answer.headers["Location"]).json() == model
    assert set(model) == {
        "version", "active", "created_at", "training_id", "digest", "threshold", "network", "training", "report",
    }  # fmt: skip
    assert (model["version"], model["active"], model["threshold"]) == (1, True, 0.5)
    assert datetime.fromisoformat(model["created_at"]).utcoffset().total_seconds() == 0
    assert set(model["network"]) == {"kind", "inputs", "hidden_units", "weights"}
    assert set(model["network"]["weights"]) == {"hidden", "hidden_bias", "output", "output_bias"}
    training = model["training"]
    assert (training["rows"], training["promoted"]) == (200, sum(r["promoted"] for r in past_decisions))
    assert (training["solver"], training["outcome"]) == ("gauss_newton", "converged")
    assert training["records_digest"] == digest_by_hand(past_decisions)
    assert training["seconds"] > 0
    assert training["iterations"] >= 1


def test_loss_is_the_cross_entropy_on_the_training_rows(trained, past_decisions):
    for number in (1, 2):
        loss = trained.get(f"/model/versions/{number}").json()["training"]["loss"]
        scores = trained.post(f"/predict?model_version={number}", past_decisions).json()["predictions"]
        terms = [
            -log(s["probability"] if record["promoted"] else 1 - s["probability"])
            for s, record in zip(scores, past_decisions, strict=True)
        ]
        assert loss == pytest.approx(sum(terms) / len(terms), rel=1e-12)


def test_csv_trains_what_json_trains(serve, trained, past_decisions, as_csv):
    from_csv = serve().post("/train", as_csv(past_decisions)).json()
    from_json = trained.get("/model/versions/1").json()
    assert from_csv["network"] == from_json["network"]
    assert from_csv["digest"] == from_json["digest"]
    assert from_csv["training"]["records_digest"] == from_json["training"]["records_digest"]


def test_the_ids_are_no_part_of_it(serve, trained, past_decisions):
    nameless = [{k: v for k, v in record.items() if k != "employee_id"} for record in past_decisions]
    assert serve().post("/train", nameless).json()["digest"] == trained.get("/model").json()["digest"]


def test_same_seed_same_weights_bit_for_bit(service, past_decisions):
    query = "/train?solver=gradient_descent&epochs=50&hidden_units=3"
    one, two, other = (service.post(f"{query}&seed={seed}", past_decisions).json() for seed in (7, 7, 8))
    assert one["network"]["weights"] == two["network"]["weights"]
    assert one["digest"] == two["digest"]
    assert other["digest"] != one["digest"]
    assert [m["version"] for m in (one, two, other)] == [1, 2, 3]
    assert len({m["training_id"] for m in (one, two, other)}) == 3


def test_activate_false_only_stores(service, past_decisions, problem):
    model = service.post("/train?activate=false", past_decisions).json()
    assert model["active"] is False
    problem(service.get("/model"), "no_model", 404)
    problem(service.post("/predict", past_decisions[:1]), "no_model", 409)
    second = service.post("/train?network=single_neuron", past_decisions).json()
    third = service.post("/train?activate=false", past_decisions).json()
    assert (second["version"], second["active"], third["version"], third["active"]) == (2, True, 3, False)
    assert service.get("/model").json() == second


@pytest.mark.parametrize(
    ("query", "recorded"),
    [
        (
            "network=single_neuron&alpha=0.25&seed=3&starts=4&max_iterations=77",
            {"network": "single_neuron", "solver": "gauss_newton", "alpha": 0.25, "seed": 3, "starts": 4,
             "max_iterations": 77},
        ),
        (
            "solver=gradient_descent&learning_rate=0.75&epochs=30&hidden_units=3&alpha=0&seed=4294967295",
            {"network": "two_layer", "hidden_units": 3, "solver": "gradient_descent", "learning_rate": 0.75,
             "epochs": 30, "alpha": 0.0, "seed": 4294967295},
        ),
    ],
)  # fmt: skip
def test_every_option_reaches_the_model_card(service, past_decisions, query, recorded):
    model = service.post(f"/train?{query}&threshold=0.125", past_decisions).json()
    assert model["training"]["options"] == recorded
    assert model["training"]["solver"] == recorded["solver"]
    assert model["network"]["kind"] == recorded["network"]
    assert model["threshold"] == 0.125
    if recorded["solver"] == "gradient_descent":
        assert (model["training"]["iterations"], model["training"]["outcome"]) == (30, "iteration_limit")


@pytest.mark.parametrize(
    ("promoted", "said"),
    [
        ([], "0 records"),
        ([True, False], "2 records"),
        ([True] * 50, "50 of them promoted and 0 not"),
        ([False] * 50, "0 of them promoted and 50 not"),
    ],
    ids=["none", "two", "all promoted", "none promoted"],
)
def test_unusable_records_leave_nothing(service, problem, promoted, said):
    records = [{"years_of_experience": i, "performance_score": 50, "promoted": p} for i, p in enumerate(promoted)]
    rows = "".join(f"{r['years_of_experience']},50,{r['promoted']}\n" for r in records)
    for body in (records, f"years_of_experience,performance_score,promoted\n{rows}"):
        assert said in problem(service.post("/train", body), "training_data_unusable", 422)["detail"]
    assert service.get("/model/versions").json() == {"versions": [], "next": None}


def test_three_records_are_enough(service):
    records = [{"years_of_experience": 1, "performance_score": 50, "promoted": i == 1} for i in range(3)]
    model = service.post("/train", records).json()
    assert model["training"]["rows"] == 3
    (score,) = service.post("/predict", records[:1]).json()["predictions"]
    assert score["probability"] == pytest.approx(1 / 3, abs=0.02)


def test_a_learning_rate_that_leaves_the_finite_numbers_is_refused(service, past_decisions, problem):
    query = "solver=gradient_descent&learning_rate=1000&alpha=1000&epochs=1000"
    document = problem(service.post(f"/train?{query}", past_decisions), "invalid_options", 422)
    assert "learning_rate" in document["detail"]
    assert service.get("/model/versions").json()["versions"] == []


def test_trainings_at_once_get_distinct_versions_without_a_gap(service, past_decisions):
    request = {"json": {"employees": past_decisions}}
    seeds = range(5)
    answers = service.together(
        *[("POST", f"/train?seed={seed}&solver=gradient_descent&epochs=20", request) for seed in seeds]
    )
    models = [answer.json() for answer in answers]
    assert sorted(model["version"] for model in models) == [1, 2, 3, 4, 5]
    for seed, answer, model in zip(seeds, answers, models, strict=True):
        assert model["training"]["options"]["seed"] == seed
        assert answer.headers["Location"] == f"/model/versions/{model['version']}"
    assert service.get("/model").json()["version"] == 5


def test_scoring_goes_on_while_a_training_runs(serve, past_decisions):
    service = serve()
    service.post("/train?network=single_neuron", past_decisions)
    request = ("POST", "/predict", {"json": {"employees": past_decisions}})
    with ThreadPoolExecutor(1) as pool:
        training = pool.submit(service.post, f"/train{SOME_TIME}", past_decisions)
        process = hold_training()
        assert [score.json()["model_version"] for score in service.together(*[request] * 5)] == [1] * 5
        let_go(process)
        assert training.result(PATIENCE).json()["version"] == 2
    assert service.post("/predict", past_decisions).json()["model_version"] == 2

"""A stranger recomputes a score from GET /model in five lines of plain Python."""

from math import exp

import pytest

EMPLOYEES = [(0, 0), (6.5, 82), (3, 60.25), (80, 100), (0.1, 99.9), (17, 71)]


def two_layer(weights, x):
    columns = zip(*weights["hidden"], weights["hidden_bias"], strict=True)
    a = [1 / (1 + exp(-(w1 * x[0] + w2 * x[1] + b))) for w1, w2, b in columns]
    z = sum(w * ak for w, ak in zip(weights["output"], a, strict=True)) + weights["output_bias"]
    return 1 / (1 + exp(-z))


def single_neuron(weights, x):
    z = weights["output"][0] * x[0] + weights["output"][1] * x[1] + weights["output_bias"]
    return 1 / (1 + exp(-z))


@pytest.mark.parametrize("number", [1, 2])
def test_a_score_follows_from_the_published_weights(trained, number):
    network = trained.get(f"/model/versions/{number}").json()["network"]
    formula = {"two_layer": two_layer, "single_neuron": single_neuron}[network["kind"]]
    records = [dict(zip(network["inputs"], pair, strict=True)) for pair in EMPLOYEES]
    scores = trained.post(f"/predict?model_version={number}", records).json()["predictions"]
    assert len({score["probability"] for score in scores}) == len(EMPLOYEES)
    for score, pair in zip(scores, EMPLOYEES, strict=True):
        assert score["probability"] == pytest.approx(formula(network["weights"], pair), abs=1e-12, rel=1e-12)


def test_get_model_shows_the_network_that_scores(trained):
    model = trained.get("/model").json()
    (score,) = trained.post("/predict", [{"years_of_experience": 6.5, "performance_score": 82}]).json()["predictions"]
    assert model["network"]["inputs"] == ["years_of_experience", "performance_score"]
    assert model["network"]["hidden_units"] == 2
    assert score["probability"] == pytest.approx(two_layer(model["network"]["weights"], (6.5, 82)), abs=1e-12)


def test_any_number_of_hidden_units(serve, past_decisions):
    service = serve()
    model = service.post("/train?hidden_units=5&starts=2", past_decisions).json()
    assert [len(row) for row in model["network"]["weights"]["hidden"]] == [5, 5]
    assert model["network"]["hidden_units"] == 5
    (score,) = service.post("/predict", [{"years_of_experience": 6.5, "performance_score": 82}]).json()["predictions"]
    assert score["probability"] == pytest.approx(two_layer(model["network"]["weights"], (6.5, 82)), abs=1e-12)

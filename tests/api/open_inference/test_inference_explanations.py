"""The explaining outputs of the Open Inference Protocol say what POST /predict?explain=true says."""

import pytest

from tests.api.open_inference.test_inference import INPUTS, ask, outputs, tensor


def nearest(given, own):
    changed = given["changes"][0]["inputs"] if given["changes"] else {}
    names = ("years_of_experience", "performance_score")
    return [changed.get(name, value) for name, value in zip(names, own, strict=True)]


NAMES = {
    "base_logit": lambda given, _: given["base_logit"],
    "base_probability": lambda given, _: given["base_probability"],
    "contributions_logit": lambda given, _: [share["logit"] for share in given["contributions"]],
    "contributions_probability": lambda given, _: [share["probability"] for share in given["contributions"]],
    "residual": lambda given, _: given["residual"],
    "interval_low": lambda given, _: given["interval"]["low"],
    "interval_high": lambda given, _: given["interval"]["high"],
    "nearest_change": nearest,
    "nearest_change_found": lambda given, _: bool(given["changes"]),
    "highest_reachable_probability": lambda given, _: given["highest_reachable_probability"],
    "outside_training_data": lambda given, _: "outside_training_data" in given["warnings"],
    "interval_crosses_threshold": lambda given, _: "interval_crosses_threshold" in given["warnings"],
    "few_similar_cases": lambda given, _: "few_similar_cases" in given["warnings"],
    "refer_to_person": lambda given, _: given["refer_to_person"],
}


@pytest.mark.parametrize("binary", [False, True])
@pytest.mark.parametrize("parameters", [{}, {"background": "just_above_threshold", "level": 0.5}])
def test_they_say_the_same(trained, binary, parameters):
    wanted = [{"name": name} for name in ["promote", *NAMES]]
    asked = ask(
        trained, tensor("employees", INPUTS), outputs=wanted, parameters={"binary_data_output": binary} | parameters
    )
    found = outputs(asked)
    assert list(found) == ["promote", *NAMES]
    records = [{"years_of_experience": years, "performance_score": score} for years, score in INPUTS]
    query = "".join(f"&{name}={value}" for name, value in parameters.items())
    predictions = trained.post(f"/predict?explain=true{query}", records).json()["predictions"]
    for name, of in NAMES.items():
        assert found[name] == [of(p["explanation"], own) for p, own in zip(predictions, INPUTS, strict=True)], name


def test_they_come_only_when_they_are_named(trained):
    assert list(outputs(ask(trained, tensor("employees", INPUTS)))) == ["probability", "promote"]


def test_the_metadata_name_them_with_their_shapes(trained):
    described = {one["name"]: one for one in trained.get("/v2/models/promotion").json()["outputs"]}
    assert list(described) == ["probability", "promote", *NAMES]
    assert described["contributions_logit"]["shape"] == [-1, 2]
    assert (described["refer_to_person"]["datatype"], described["refer_to_person"]["shape"]) == ("BOOL", [-1])


def test_a_background_without_anybody_is_the_protocols_error(service, past_decisions):
    service.post("/train?threshold=1&network=single_neuron", past_decisions)
    answer = ask(
        service,
        tensor("employees", INPUTS),
        outputs=[{"name": "base_logit"}],
        parameters={"background": "just_above_threshold"},
    )
    assert answer.status_code == 400
    assert "just above" in answer.json()["error"]

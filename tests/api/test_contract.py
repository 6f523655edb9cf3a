"""The contract says what the service does: options, errors, references, and examples that work as they stand."""

import json
import re

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator, validate

from app import errors
from tests.contract import CONTRACT

PROBLEM = "application/problem+json"
PROTOCOL = "/v2"
OPERATIONS = {
    f"{method.upper()} {path}": operation
    for path, operations in CONTRACT["paths"].items()
    for method, operation in operations.items()
}
OPTIONS = [
    (f"{name} {parameter['name']}", parameter)
    for name, operation in OPERATIONS.items()
    for parameter in operation.get("parameters", ())
    if parameter["in"] == "query"
]
ANSWERS = {
    "POST /train": {201, 202, 409, 413, 415, 422, 500, 503},
    "POST /predict": {200, 404, 409, 413, 415, 422, 500, 503},
    "POST /audit": {200, 404, 409, 413, 415, 422, 500, 503},
    "GET /train": {200, 404, 422, 500, 503},
    "GET /train/{training_id}": {200, 404, 422, 500, 503},
    "DELETE /train/{training_id}": {200, 404, 409, 422, 500, 503},
    "GET /train/{training_id}/events": {200, 204, 404, 422, 500, 503},
    "GET /model": {200, 304, 404, 422, 500, 503},
    "PUT /model": {200, 404, 412, 413, 415, 422, 500, 503},
    "GET /model/activations": {200, 422, 500, 503},
    "GET /model/versions": {200, 422, 500, 503},
    "GET /model/versions/{version}": {200, 404, 422, 500, 503},
    "GET /model/versions/{version}/weights": {200, 404, 422, 500, 503},
    "GET /problems/{code}": {200, 404, 422, 500},
    "GET /v2": {200, 422, 500},
    "GET /v2/health/live": {200, 422, 500},
    "GET /v2/health/ready": {200, 422, 500, 503},
    "GET /v2/models/promotion": {200, 422, 500, 503},
    "GET /v2/models/promotion/ready": {200, 422, 500, 503},
    "GET /v2/models/promotion/versions/{version}": {200, 404, 422, 500, 503},
    "GET /v2/models/promotion/versions/{version}/ready": {200, 404, 422, 500, 503},
    "POST /v2/models/promotion/infer": {200, 400, 409, 413, 415, 422, 500, 503},
    "POST /v2/models/promotion/versions/{version}/infer": {200, 400, 404, 409, 413, 415, 422, 500, 503},
    "GET /livez": {200, 422, 500},
    "GET /readyz": {200, 422, 500, 503},
    "GET /metrics": {200, 422, 500, 503},
    "GET /samples/promotions.csv": {200, 422, 500},
}
NAMES = {
    "POST /train": "train_model",
    "POST /predict": "predict",
    "POST /audit": "audit_decisions",
    "GET /train": "list_trainings",
    "GET /train/{training_id}": "get_training",
    "DELETE /train/{training_id}": "cancel_training",
    "GET /train/{training_id}/events": "follow_training",
    "GET /model": "get_model",
    "PUT /model": "activate_version",
    "GET /model/activations": "list_activations",
    "GET /model/versions": "list_versions",
    "GET /model/versions/{version}": "get_version",
    "GET /model/versions/{version}/weights": "get_weights",
    "GET /problems/{code}": "explain_problem",
    "GET /v2": "server_metadata",
    "GET /v2/health/live": "server_live",
    "GET /v2/health/ready": "server_ready",
    "GET /v2/models/promotion": "model_metadata",
    "GET /v2/models/promotion/ready": "model_ready",
    "GET /v2/models/promotion/versions/{version}": "version_metadata",
    "GET /v2/models/promotion/versions/{version}/ready": "version_ready",
    "POST /v2/models/promotion/infer": "infer",
    "POST /v2/models/promotion/versions/{version}/infer": "infer_with_version",
    "GET /livez": "is_alive",
    "GET /readyz": "is_ready",
    "GET /metrics": "get_metrics",
    "GET /samples/promotions.csv": "get_sample",
}
DEFAULTS = {
    "network": ("two_layer", ["two_layer", "single_neuron"]),
    "solver": ("gauss_newton", ["gauss_newton", "gradient_descent"]),
    "hidden_units": (2, None),
    "alpha": (0.1, None),
    "seed": (0, None),
    "threshold": (0.5, None),
    "activate": (True, None),
    "report": (True, None),
    "explain": (False, None),
    "background": ("training", ["training", "just_above_threshold"]),
    "level": (0.9, None),
    "robust": (False, None),
    "exclude_below": (0.0, None),
    "step.years_of_experience": (0.5, None),
    "step.performance_score": (1, None),
    "limit": (20, None),
}
WITHOUT_DEFAULT = {
    "starts",
    "model_version", "before", "explain_where",
    "column.employee_id", "column.years_of_experience", "column.performance_score", "column.promoted",
    "column.sex", "column.race_ethnicity", "column.pool", "column.selected", "column.score", "column.count",
    "source", "period_start", "period_end",
}  # fmt: skip


def references(node):
    if isinstance(node, dict):
        yield from [node["$ref"]] if isinstance(node.get("$ref"), str) else []
        for child in node.values():
            yield from references(child)
    elif isinstance(node, list):
        for child in node:
            yield from references(child)


def test_the_served_contract_is_this_one(empty):
    assert empty.get("/openapi.json").json() == json.loads(json.dumps(CONTRACT))


def test_every_reference_leads_somewhere():
    assert len(set(references(CONTRACT))) > 5
    for reference in references(CONTRACT):
        node = CONTRACT
        for step in reference.removeprefix("#/").split("/"):
            node = node[step]
        assert node


def test_every_operation_and_its_answers():
    assert {name: {int(status) for status in o["responses"]} for name, o in OPERATIONS.items()} == ANSWERS
    for operation in OPERATIONS.values():
        assert operation["description"].endswith(".")
        assert operation["summary"]
        assert operation["tags"]


def test_it_is_valid_openapi():
    assert CONTRACT["openapi"] == "3.1.0"
    validate(json.loads(json.dumps(CONTRACT)), cls=OpenAPIV31SpecValidator)


def test_operations_have_names_of_their_own():
    """A generated client has a function of each name: another name breaks whoever calls it."""
    assert {name: operation["operationId"] for name, operation in OPERATIONS.items()} == NAMES
    assert len(set(NAMES.values())) == len(NAMES)


@pytest.mark.parametrize(("name", "option"), OPTIONS, ids=[name for name, _ in OPTIONS])
def test_an_option_shows_its_sentence_default_and_choices(name, option):
    assert option["description"].endswith(".")
    assert option["required"] is False
    schema, own = option["schema"], name.split()[-1]
    assert ("default" in schema) == (own not in WITHOUT_DEFAULT)
    if own in DEFAULTS:
        assert (schema["default"], schema.get("enum")) == DEFAULTS[own]
    else:
        assert own in WITHOUT_DEFAULT | {"learning_rate", "epochs", "max_iterations"}
    if schema.get("type") in {"integer", "number"}:
        assert {"minimum", "maximum"} <= set(schema) or {"exclusiveMinimum", "maximum"} <= set(schema)


@pytest.mark.parametrize("name", OPERATIONS)
def test_problems_are_declared_by_code_with_an_example_of_each(name):
    kinds = {(kind.code, kind.status): kind for kind in errors.problem_kinds()}
    speaks_protocol = PROTOCOL in name
    form, document = ("application/json", "InferenceError") if speaks_protocol else (PROBLEM, "ProblemDocument")
    for status, response in OPERATIONS[name]["responses"].items():
        if int(status) < 400:
            assert PROBLEM not in response.get("content", {})
            continue
        assert list(response["content"]) == [form]
        assert response["content"][form]["schema"] == {"$ref": f"#/components/schemas/{document}"}
        assert response["content"][form]["examples"]
        for code, example in response["content"][form]["examples"].items():
            kind = kinds[code, int(status)]
            assert f"`{code}`" in response["description"]
            assert example["summary"] == kind.remedy
            assert set(example["value"]) <= set(CONTRACT["components"]["schemas"][document]["properties"])
            if not speaks_protocol:
                assert (example["value"]["code"], example["value"]["status"]) == (code, int(status))


def test_nothing_in_the_contract_names_another_host():
    assert set(re.findall(r"https?://[^\s\"`)]+", json.dumps(CONTRACT))) == set()


def example_bodies(operation):
    for media_type, content in operation.get("requestBody", {}).get("content", {}).items():
        examples = [content["example"]] if "example" in content else content.get("schema", {}).get("examples", [])
        for example in [*examples, *[e["value"] for e in content.get("examples", {}).values()]]:
            yield media_type, example


def test_the_examples_work_as_they_stand_in_the_order_of_a_first_try(service):
    train, predict, activate = (OPERATIONS[name] for name in ("POST /train", "POST /predict", "PUT /model"))
    for media_type, body in example_bodies(train):
        model = service.post("/train", body, media_type)
        assert model.status_code == 201, model.text
        assert model.json()["training"]["rows"] >= 20
    assert model.json()["version"] == 2  # one in JSON, one in CSV
    assert service.get("/model/versions/1").json()["network"] == model.json()["network"]
    scores = [service.post("/predict", body, media_type) for media_type, body in example_bodies(predict)]
    from_json, from_csv = scores
    assert [len(from_json.json()["predictions"]), len(from_csv.text.splitlines())] == [3, 4]
    audits = [
        service.post("/audit", body, media_type).json()
        for media_type, body in example_bodies(OPERATIONS["POST /audit"])
    ]
    assert audits[0] == audits[1]
    assert audits[0]["unknown"] == {"sex": 1, "race_ethnicity": 4, "either": 4}
    ((_, tensors),) = example_bodies(OPERATIONS["POST /v2/models/promotion/infer"])
    assert service.post("/v2/models/promotion/infer", tensors).json()["outputs"][0]["data"] == [
        scored["probability"] for scored in from_json.json()["predictions"]
    ]
    ((media_type, body),) = example_bodies(activate)
    assert service.put("/model", body).json()["version"] == body["version"] == 1
    assert media_type == "application/json"
    for name, operation in OPERATIONS.items():
        if name.startswith("GET"):
            path = name.removeprefix("GET ")
            for parameter in operation.get("parameters", ()):
                if parameter["in"] == "path":
                    (value,) = parameter["schema"].get("examples") or [parameter["example"]]
                    value = model.json()["training_id"] if parameter["name"] == "training_id" else value
                    path = path.replace("{" + parameter["name"] + "}", str(value))
            assert (path, service.get(path).status_code) == (path, 200)


def test_bodies_of_records_are_declared_in_both_formats():
    for name in ("POST /train", "POST /predict"):
        body = OPERATIONS[name]["requestBody"]
        assert set(body["content"]) == {"application/json", "text/csv"}
        assert body["required"] is True
        reference = body["content"]["application/json"]["schema"]
        (listed,) = references(reference)
        schema = CONTRACT["components"]["schemas"][listed.split("/")[-1]]
        assert schema["required"] == ["employees"]
        assert schema["additionalProperties"] is False


def test_the_fields_and_their_bounds():
    schemas = CONTRACT["components"]["schemas"]
    record = schemas["PastDecision"]
    assert set(record["required"]) == {"years_of_experience", "performance_score", "promoted"}
    assert set(schemas["Employee"]["required"]) == {"years_of_experience", "performance_score"}
    assert record["additionalProperties"] is schemas["Employee"]["additionalProperties"] is False
    for field, highest in (("years_of_experience", 80), ("performance_score", 100)):
        assert (record["properties"][field]["minimum"], record["properties"][field]["maximum"]) == (0, highest)
    assert record["properties"]["employee_id"]["anyOf"][0]["maxLength"] == 200

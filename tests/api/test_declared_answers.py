"""What the service answers is what its contract declares: every member, and every code an endpoint was seen to give."""

import pytest

from app.api.bodies.examples import TENSORS
from tests.contract import CONTRACT

SCHEMAS = CONTRACT["components"]["schemas"]


def misfits(value, schema, place=""):
    """Where a value is not as a schema says; as much of JSON Schema as the contract's answers use."""
    while "$ref" in schema:
        schema = SCHEMAS[schema["$ref"].split("/")[-1]]
    if "anyOf" in schema:
        if all(list(misfits(value, option, place)) for option in schema["anyOf"]):
            yield place
        return
    kinds = {"object": dict, "array": list, "string": str, "integer": int, "number": (int, float), "boolean": bool,
             "null": type(None)}  # fmt: skip
    wrong = "type" in schema and not isinstance(value, kinds[schema["type"]])
    if wrong or value not in schema.get("enum", [value]) or value != schema.get("const", value):
        yield place
    elif isinstance(value, dict) and "properties" in schema:
        yield from (f"{place}/{name}: absent" for name in schema.get("required", ()) if name not in value)
        yield from (f"{place}/{name}: undeclared" for name in value if name not in schema["properties"])
        for name in set(value) & set(schema["properties"]):
            yield from misfits(value[name], schema["properties"][name], f"{place}/{name}")
    elif isinstance(value, list):
        for i, item in enumerate(value):
            yield from misfits(item, schema["items"], f"{place}/{i}")


RECORD = {"years_of_experience": 1, "performance_score": 2}
SENT = [
    ("POST", "/train", "/train?starts=1", [RECORD | {"promoted": i == 1} for i in range(3)]),
    ("POST", "/train", "/train?seed=x", []),
    ("POST", "/train", "/train", [{}]),
    ("POST", "/train", "/train", []),
    ("POST", "/predict", "/predict", [RECORD]),
    ("POST", "/predict", "/predict?model_version=77", [RECORD]),
    ("POST", "/predict", "/predict", "a,b\n"),
    ("PUT", "/model", "/model", {"version": 1}),
    ("PUT", "/model", "/model", {"version": 77}),
    ("PUT", "/model", "/model", {}),
    ("GET", "/model", "/model", None),
    ("GET", "/model", "/model?x=1", None),
    ("GET", "/model/versions", "/model/versions?limit=1", None),
    ("GET", "/model/versions", "/model/versions?limit=0", None),
    ("GET", "/model/versions/{version}", "/model/versions/1", None),
    ("GET", "/model/versions/{version}", "/model/versions/2147483648", None),
    ("GET", "/model/versions/{version}", "/model/versions/77", None),
    ("GET", "/model/versions/{version}/weights", "/model/versions/77/weights", None),
    ("GET", "/model/versions/{version}/weights", "/model/versions/x/weights", None),
    ("GET", "/problems/{code}", "/problems/no_model", None),
    ("GET", "/problems/{code}", "/problems/none", None),
    ("GET", "/v2", "/v2", None),
    ("GET", "/v2/health/live", "/v2/health/live", None),
    ("GET", "/v2/health/ready", "/v2/health/ready", None),
    ("GET", "/v2/models/promotion", "/v2/models/promotion", None),
    ("GET", "/v2/models/promotion", "/v2/models/promotion?x=1", None),
    ("GET", "/v2/models/promotion/ready", "/v2/models/promotion/ready", None),
    ("GET", "/v2/models/promotion/versions/{version}", "/v2/models/promotion/versions/77", None),
    ("GET", "/v2/models/promotion/versions/{version}/ready", "/v2/models/promotion/versions/x/ready", None),
    ("POST", "/v2/models/promotion/infer", "/v2/models/promotion/infer", TENSORS),
    ("POST", "/v2/models/promotion/infer", "/v2/models/promotion/infer", TENSORS | {"id": "1", "outputs": []}),
    ("POST", "/v2/models/promotion/infer", "/v2/models/promotion/infer", {"inputs": []}),
    ("POST", "/v2/models/promotion/versions/{version}/infer", "/v2/models/promotion/versions/77/infer", TENSORS),
    ("GET", "/livez", "/livez", None),
    ("GET", "/readyz", "/readyz", None),
]


@pytest.fixture(scope="module")
def with_model(portal, tmp_path_factory, past_decisions, trained):
    """A service with two versions that these tests may add to."""
    service = type(trained)(portal, tmp_path_factory.mktemp("declared"))
    for _ in range(2):
        service.post("/train?network=single_neuron", past_decisions)
    yield service
    service.close()


@pytest.mark.parametrize(
    ("method", "path", "url", "body"), SENT, ids=[f"{i}-{method} {url}" for i, (method, _, url, _) in enumerate(SENT)]
)
def test_the_answer_is_declared(with_model, method, path, url, body):
    answer = with_model.put(url, body) if method == "PUT" else with_model.post(url, body) if body is not None else None
    answer = answer or with_model.get(url)
    response = CONTRACT["paths"][path][method.lower()]["responses"][str(answer.status_code)]
    content = response["content"][answer.headers["Content-Type"]]
    assert list(misfits(answer.json(), content["schema"])) == []
    if answer.status_code >= 400 and not path.startswith("/v2"):
        assert answer.json()["code"] in content["examples"]


def test_misfits_finds_them():
    model = {"$ref": "#/components/schemas/VersionsDocument"}
    assert list(misfits({"versions": [{}], "next": 1, "more": 0}, model))
    assert list(misfits({"versions": []}, model)) == ["/next: absent"]
    assert list(misfits({"versions": [], "next": None, "x": 1}, model)) == ["/x: undeclared"]
    assert list(misfits({"versions": [], "next": 1}, model)) == ["/next"]

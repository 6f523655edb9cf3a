"""Tensors in, tensors out: the scores of /predict, whatever the form in which employees and scores travel."""

from math import prod

import numpy as np
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

INFER = "/v2/models/promotion/infer"
DTYPES = {"FP64": "<f8", "FP32": "<f4", "INT64": "<i8", "INT32": "<i4", "BOOL": "?"}
INPUTS = [[6.5, 82.0], [0.0, 0.0], [80.0, 100.0], [7.0, 75.0], [12.25, 61.5]]
WHOLE = [[6, 82], [0, 0], [80, 100], [7, 75]]


def tensor(name, values, datatype="FP64", binary=False, **more):
    """A tensor as a request has it, and its bytes behind the JSON object."""
    values = np.array(values, dtype=DTYPES[datatype])
    described = {"name": name, "shape": list(values.shape), "datatype": datatype} | more
    if binary:
        return described | {"parameters": {"binary_data_size": values.nbytes}}, values.tobytes()
    return described | {"data": values.ravel().tolist()}, b""


def ask(service, *tensors, path=INFER, **rest):
    """The answer to a request of these tensors."""
    head = orjson.dumps({"inputs": [described for described, _ in tensors]} | rest)
    headers = {"Inference-Header-Content-Length": str(len(head))} if any(data for _, data in tensors) else {}
    return service.send("POST", path, content=head + b"".join(data for _, data in tensors), headers=headers)


def outputs(answer):
    """The outputs of an answer by name, in its order, whatever their form."""
    assert answer.status_code == 200, answer.text
    length = answer.headers.get("Inference-Header-Content-Length")
    behind = b"" if length is None else answer.content[int(length) :]
    found = {}
    for output in orjson.loads(answer.content[: None if length is None else int(length)])["outputs"]:
        dtype = np.dtype(DTYPES[output["datatype"]])
        if "data" in output:
            values = np.array(output["data"], dtype=dtype)
        else:
            size = output["parameters"]["binary_data_size"]
            values, behind = np.frombuffer(behind[:size], dtype), behind[size:]
        assert values.size == prod(output["shape"])
        found[output["name"]] = values.reshape(output["shape"]).tolist()
    assert behind == b""
    return found


def predicted(service, inputs, query=""):
    """What /predict says of the same employees."""
    records = [{"years_of_experience": years, "performance_score": score} for years, score in inputs]
    predictions = service.post(f"/predict{query}", records).json()["predictions"]
    return {name: [scored[name] for scored in predictions] for name in ("probability", "promote")}


def columns(inputs, datatype="FP64", binary=False):
    """One tensor an input."""
    years, scores = zip(*inputs, strict=True)
    return (
        tensor("years_of_experience", years, datatype, binary),
        tensor("performance_score", scores, datatype, binary),
    )


@pytest.mark.parametrize("binary", [False, True])
@pytest.mark.parametrize("datatype", ["FP64", "FP32", "INT64", "INT32"])
def test_every_datatype_scores_as_predict_does(trained, datatype, binary):
    for inputs in (WHOLE, WHOLE[:1]) if datatype.startswith("INT") else (INPUTS, INPUTS[:1]):
        expected = predicted(trained, inputs)
        assert outputs(ask(trained, tensor("employees", inputs, datatype, binary))) == expected
        assert outputs(ask(trained, *columns(inputs, datatype, binary))) == expected
        assert outputs(ask(trained, *columns(inputs, datatype, binary)[::-1])) == expected


def test_numbers_are_rounded_as_their_datatype_rounds_them(trained):
    inputs = [[6.1, 82.7], [7.3, 75.9]]
    rounded = np.array(inputs, dtype=np.float32).astype(np.float64).tolist()
    described = {"name": "employees", "shape": [2, 2], "datatype": "FP32", "data": inputs}
    assert outputs(ask(trained, (described, b""))) == predicted(trained, rounded) != predicted(trained, inputs)


def test_shapes_and_nested_lists(trained):
    expected = predicted(trained, INPUTS)
    years, scores = ([[value] for value in column] for column in zip(*INPUTS, strict=True))
    assert (
        outputs(ask(trained, *(tensor(*t) for t in (("years_of_experience", years), ("performance_score", scores)))))
        == expected
    )
    nested = {"name": "employees", "shape": [len(INPUTS), 2], "datatype": "FP64", "data": INPUTS}
    assert outputs(ask(trained, (nested, b""))) == expected
    nested = {"name": "years_of_experience", "shape": [len(INPUTS), 1], "datatype": "FP64", "data": years}
    assert outputs(ask(trained, (nested, b""), columns(INPUTS)[1])) == expected


def test_nobody(trained):
    for binary in (False, True):
        nobody = tensor("employees", np.empty((0, 2)), binary=binary)
        assert outputs(ask(trained, nobody)) == {"probability": [], "promote": []}


MIXTURES = [
    ({}, {"probability": False, "promote": False}),
    ({"parameters": {"binary_data_output": True}}, {"probability": True, "promote": True}),
    ({"outputs": []}, {"probability": False, "promote": False}),
    ({"outputs": [{"name": "promote"}]}, {"promote": False}),
    ({"outputs": [{"name": "promote", "parameters": {"binary_data": True}}]}, {"promote": True}),
    (
        {"outputs": [{"name": "promote", "parameters": {"binary_data": True}}, {"name": "probability"}]},
        {"promote": True, "probability": False},
    ),
    (
        {"parameters": {"binary_data_output": True}, "outputs": [{"name": "promote"}, {"name": "probability"}]},
        {"promote": True, "probability": True},
    ),
    (
        {
            "parameters": {"binary_data_output": True},
            "outputs": [{"name": "promote"}, {"name": "probability", "parameters": {"binary_data": False}}],
        },
        {"promote": True, "probability": False},
    ),
]


@pytest.mark.parametrize("binary", [(False, False), (False, True), (True, False), (True, True)])
@pytest.mark.parametrize(("asked", "expected"), MIXTURES)
def test_mixtures_of_json_and_binary(trained, asked, expected, binary):
    years, scores = (
        tensor(n, c, binary=b)
        for n, c, b in zip(("years_of_experience", "performance_score"), zip(*INPUTS, strict=True), binary, strict=True)
    )
    answer = ask(trained, years, scores, **asked)
    found = outputs(answer)
    assert list(found) == list(expected)
    assert found == {name: values for name, values in predicted(trained, INPUTS).items() if name in expected}
    length = answer.headers.get("Inference-Header-Content-Length")
    document = orjson.loads(answer.content[: None if length is None else int(length)])
    assert {output["name"]: "parameters" in output for output in document["outputs"]} == expected
    form = "application/octet-stream" if any(expected.values()) else "application/json"
    assert (answer.headers["Content-Type"], length is not None) == (form, any(expected.values()))


def test_id_version_and_unknown_parameters(trained):
    answer = ask(
        trained,
        tensor("employees", INPUTS, parameters={"content_type": "np"}),
        id="Ω-42",
        model_name="whatever",
        parameters={"priority": 3, "sequence_id": "x"},
        outputs=[{"name": "promote", "parameters": {"classification": 2}}],
    )
    assert answer.json() == {
        "model_name": "promotion",
        "model_version": "1",
        "id": "Ω-42",
        "outputs": [
            {"name": "promote", "datatype": "BOOL", "shape": [5], "data": predicted(trained, INPUTS)["promote"]}
        ],
    }
    assert "id" not in ask(trained, tensor("employees", INPUTS)).json()


def test_versions_by_name(trained):
    inputs = [[years, score] for years in range(0, 80, 4) for score in range(0, 100, 5)]
    for number, threshold in ((1, 0.5), (2, 0.25)):
        answer = ask(trained, tensor("employees", inputs), path=f"/v2/models/promotion/versions/{number}/infer")
        assert answer.json()["model_version"] == str(number)
        assert outputs(answer) == predicted(trained, inputs, f"?model_version={number}")
        assert outputs(answer)["promote"] == [p >= threshold for p in outputs(answer)["probability"]]
        assert any(0.25 <= p < 0.5 for p in outputs(answer)["probability"])


def test_the_version_in_service_is_never_stale(service, past_decisions):
    for number in (1, 2):
        service.post("/train?network=single_neuron", past_decisions)
        assert ask(service, tensor("employees", INPUTS)).json()["model_version"] == str(number)
    service.put("/model", {"version": 1})
    assert ask(service, tensor("employees", INPUTS)).json()["model_version"] == "1"


@pytest.mark.parametrize("binary", [False, True])
def test_large_bodies_score_alike(trained, binary):
    rng = np.random.default_rng(1)
    inputs = np.column_stack([rng.uniform(0, 80, 20_000), rng.uniform(0, 100, 20_000)])
    large = outputs(ask(trained, tensor("employees", inputs, binary=binary)))
    assert large == predicted(trained, inputs.tolist())
    assert outputs(ask(trained, *columns(inputs.tolist(), binary=binary))) == large


years = st.floats(0, 80)
scores = st.floats(0, 100)


@given(st.lists(st.tuples(years, scores), min_size=1, max_size=20), st.booleans(), st.booleans(), st.booleans())
def test_any_employees(trained, inputs, joint, binary, binary_output):
    tensors = (tensor("employees", inputs, binary=binary),) if joint else columns(inputs, binary=binary)
    answer = ask(trained, *tensors, parameters={"binary_data_output": binary_output})
    assert outputs(answer) == predicted(trained, inputs)

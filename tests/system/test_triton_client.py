"""Triton's public client of the Open Inference Protocol, unmodified, against a real server."""

from contextlib import closing

import numpy as np
import pytest
import tritonclient.http as triton
from tritonclient.utils import InferenceServerException

from tests.system.tensors import DTYPES, INPUTS, WHOLE, predicted


@pytest.fixture
def client(trained_server):
    """Triton's client."""
    with closing(triton.InferenceServerClient(trained_server.url.removeprefix("http://"))) as client:
        yield client


def triton_inputs(inputs, datatype, joint, binary):
    """The employees as Triton's client takes them."""
    inputs = inputs.astype(DTYPES[datatype])
    named = {"employees": inputs}
    if not joint:
        named = {"years_of_experience": inputs[:, 0].copy(), "performance_score": inputs[:, 1].copy()}
    return [
        triton.InferInput(name, list(values.shape), datatype).set_data_from_numpy(values, binary_data=binary)
        for name, values in named.items()
    ]


@pytest.mark.parametrize("binary", [(False, False), (False, True), (True, False), (True, True), (True, None)])
@pytest.mark.parametrize("joint", [False, True])
@pytest.mark.parametrize("datatype", DTYPES)
def test_scores(client, trained_server, datatype, joint, binary):
    binary_input, binary_output = binary
    inputs = WHOLE if datatype.startswith("INT") else INPUTS
    names = ("promote", "probability")
    outputs = [triton.InferRequestedOutput(name, binary_data=binary_output) for name in names]
    result = client.infer(
        "promotion",
        triton_inputs(inputs, datatype, joint, binary_input),
        outputs=None if binary_output is None else outputs,
        request_id="42",
    )
    probability, promote = result.as_numpy("probability"), result.as_numpy("promote")
    assert (probability.dtype, promote.dtype) == (np.float64, np.bool_)
    assert (probability.tolist(), promote.tolist()) == predicted(trained_server, inputs)
    answer = result.get_response()
    assert (answer["id"], answer["model_name"], answer["model_version"]) == ("42", "promotion", "2")
    in_order = names[::-1] if binary_output is None else names
    assert [output["name"] for output in answer["outputs"]] == list(in_order)


def test_scores_many_at_once(client, trained_server):
    rng = np.random.default_rng(3)
    inputs = np.column_stack([rng.uniform(0, 80, 30_000), rng.uniform(0, 100, 30_000)])
    for binary in (False, True):
        waiting = [client.async_infer("promotion", triton_inputs(inputs, "FP64", True, binary)) for _ in range(2)]
        for result in waiting:
            assert result.get_result().as_numpy("probability").tolist() == predicted(trained_server, inputs)[0]


def test_asks_what_is_there(client):
    assert client.is_server_live()
    assert client.is_server_ready()
    assert client.is_model_ready("promotion")
    assert client.is_model_ready("promotion", "1")
    assert not client.is_model_ready("promotion", "77")
    assert not client.is_model_ready("other")
    assert client.get_server_metadata()["extensions"] == ["binary_tensor_data"]
    assert client.get_model_metadata("promotion")["versions"] == ["1", "2"]
    assert client.get_model_metadata("promotion", "1")["name"] == "promotion"


def test_scores_with_a_version(client, trained_server):
    result = client.infer("promotion", triton_inputs(INPUTS, "FP64", True, True), model_version="1")
    records = [{"years_of_experience": years, "performance_score": score} for years, score in INPUTS.tolist()]
    predicted = trained_server.client.post("/predict?model_version=1", json={"employees": records}).json()
    assert result.get_response()["model_version"] == "1"
    assert result.as_numpy("probability").tolist() == [scored["probability"] for scored in predicted["predictions"]]


def test_understands_the_errors(client):
    for model, version, inputs, status, said in (
        ("promotion", "", INPUTS * 2, "400", "years_of_experience: should be a number from 0 to 80."),
        ("promotion", "77", INPUTS, "404", "There is no model version 77."),
        ("other", "", INPUTS, "404", "The model here is named promotion"),
    ):
        for binary in (False, True):
            with pytest.raises(InferenceServerException) as refused:
                client.infer(model, triton_inputs(inputs, "FP64", True, binary), model_version=version)
            assert refused.value.status() == status
            assert said in refused.value.message()


def test_without_a_model_nothing_is_ready(server):
    with closing(triton.InferenceServerClient(server().url.removeprefix("http://"))) as client:
        assert client.is_server_live()
        assert not client.is_server_ready()
        assert not client.is_model_ready("promotion")
        with pytest.raises(InferenceServerException, match="No model is active"):
            client.infer("promotion", triton_inputs(INPUTS, "FP64", True, True))

"""The public clients of the Open Inference Protocol, unmodified, against a real server: Triton's and KServe's."""

import asyncio
from contextlib import closing

import httpx
import numpy as np
import pytest
import tritonclient.http as triton
from kserve import InferenceRESTClient, InferInput, InferRequest, RESTConfig
from kserve.protocol.infer_type import RequestedOutput
from tritonclient.utils import InferenceServerException

INPUTS = np.array([[6.5, 82], [0, 0], [80, 100], [7, 75], [12.25, 61.5]])
WHOLE = INPUTS.astype(np.int64)
DTYPES = {"FP64": np.float64, "FP32": np.float32, "INT64": np.int64, "INT32": np.int32}


@pytest.fixture(scope="module")
def expected(trained_server):
    """What /predict says: inputs (n, 2) -> probabilities and decisions."""

    def predict(inputs):
        predictions = trained_server.predict(*inputs.tolist()).json()["predictions"]
        return [scored["probability"] for scored in predictions], [scored["promote"] for scored in predictions]

    return predict


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
def test_triton_scores(client, expected, datatype, joint, binary):
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
    assert (probability.tolist(), promote.tolist()) == expected(inputs)
    answer = result.get_response()
    assert (answer["id"], answer["model_name"], answer["model_version"]) == ("42", "promotion", "2")
    in_order = names[::-1] if binary_output is None else names
    assert [output["name"] for output in answer["outputs"]] == list(in_order)


def test_triton_scores_many_at_once(client, expected):
    rng = np.random.default_rng(3)
    inputs = np.column_stack([rng.uniform(0, 80, 30_000), rng.uniform(0, 100, 30_000)])
    for binary in (False, True):
        waiting = [client.async_infer("promotion", triton_inputs(inputs, "FP64", True, binary)) for _ in range(2)]
        for result in waiting:
            assert result.get_result().as_numpy("probability").tolist() == expected(inputs)[0]


def test_triton_asks_what_is_there(client):
    assert client.is_server_live()
    assert client.is_server_ready()
    assert client.is_model_ready("promotion")
    assert client.is_model_ready("promotion", "1")
    assert not client.is_model_ready("promotion", "77")
    assert not client.is_model_ready("other")
    assert client.get_server_metadata()["extensions"] == ["binary_tensor_data"]
    assert client.get_model_metadata("promotion")["versions"] == ["1", "2"]
    assert client.get_model_metadata("promotion", "1")["name"] == "promotion"


def test_triton_scores_with_a_version(client, trained_server):
    result = client.infer("promotion", triton_inputs(INPUTS, "FP64", True, True), model_version="1")
    records = [{"years_of_experience": years, "performance_score": score} for years, score in INPUTS.tolist()]
    predicted = trained_server.client.post("/predict?model_version=1", json={"employees": records}).json()
    assert result.get_response()["model_version"] == "1"
    assert result.as_numpy("probability").tolist() == [scored["probability"] for scored in predicted["predictions"]]


def test_triton_understands_the_errors(client):
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


def kserve(call):
    """What a call of KServe's client, which is asynchronous, answers."""

    async def called():
        client = InferenceRESTClient(RESTConfig(protocol="v2", retries=0))
        try:
            return await call(client)
        finally:
            await client.close()

    return asyncio.run(called())


def kserve_request(inputs, datatype, joint, binary, **rest):
    """The employees as KServe's client takes them."""
    inputs = inputs.astype(DTYPES[datatype])
    named = {"employees": inputs}
    if not joint:
        named = {"years_of_experience": inputs[:, 0], "performance_score": inputs[:, 1]}
    tensors = [InferInput(name, list(values.shape), datatype) for name, values in named.items()]
    for described, values in zip(tensors, named.values(), strict=True):
        described.set_data_from_numpy(values, binary_data=binary)
    return InferRequest("promotion", tensors, **rest)


@pytest.mark.parametrize("binary", [(False, False), (False, True), (True, False), (True, True)])
@pytest.mark.parametrize("joint", [False, True])
@pytest.mark.parametrize("datatype", DTYPES)
def test_kserve_scores(trained_server, expected, datatype, joint, binary):
    binary_input, binary_output = binary
    inputs = WHOLE if datatype.startswith("INT") else INPUTS
    request = kserve_request(
        inputs, datatype, joint, binary_input, request_id="42", parameters={"binary_data_output": binary_output}
    )
    response = kserve(lambda client: client.infer(trained_server.url, request, model_name="promotion"))
    probability, promote = response.outputs
    assert (response.id, response.model_name) == ("42", "promotion")
    assert [output.name for output in response.outputs] == ["probability", "promote"]
    assert (list(probability.data), list(promote.data)) == expected(inputs)


def test_kserve_selects_outputs(trained_server, expected):
    wanted = [RequestedOutput("promote", {"binary_data": True})]
    request = kserve_request(INPUTS, "FP64", True, False, request_outputs=wanted)
    response = kserve(lambda client: client.infer(trained_server.url, request, model_name="promotion"))
    assert [(output.name, list(output.data)) for output in response.outputs] == [("promote", expected(INPUTS)[1])]


def test_kserve_sends_a_dictionary(trained_server, expected):
    tensor = {"name": "employees", "shape": [5, 2], "datatype": "FP64", "data": INPUTS.tolist()}
    response = kserve(lambda client: client.infer(trained_server.url, {"inputs": [tensor]}, model_name="promotion"))
    assert response.outputs[0].data == expected(INPUTS)[0]


def test_kserve_asks_what_is_there(trained_server):
    url = trained_server.url
    assert kserve(lambda client: client.is_server_live(url)) is True
    assert kserve(lambda client: client.is_server_ready(url)) is True
    assert kserve(lambda client: client.is_model_ready(url, "promotion")) is True
    assert kserve(lambda client: client.is_model_ready(url, "other")) is False


def test_kserve_understands_the_errors(trained_server):
    request = kserve_request(INPUTS * 2, "FP64", True, True)
    with pytest.raises(httpx.HTTPStatusError, match="years_of_experience: should be a number from 0 to 80") as refused:
        kserve(lambda client: client.infer(trained_server.url, request, model_name="promotion"))
    assert refused.value.response.status_code == 400


def test_without_a_model_nothing_is_ready(server):
    url = server().url
    with closing(triton.InferenceServerClient(url.removeprefix("http://"))) as client:
        assert client.is_server_live()
        assert not client.is_server_ready()
        assert not client.is_model_ready("promotion")
        with pytest.raises(InferenceServerException, match="No model is active"):
            client.infer("promotion", triton_inputs(INPUTS, "FP64", True, True))
    with pytest.raises(httpx.HTTPStatusError, match="503"):
        kserve(lambda client: client.is_server_ready(url))

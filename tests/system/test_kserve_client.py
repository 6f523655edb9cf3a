"""KServe's public client of the Open Inference Protocol, unmodified, against a real server."""

import asyncio
import sys

import httpx
import pytest

from tests.system.tensors import DTYPES, INPUTS, WHOLE, predicted

with pytest.MonkeyPatch.context() as patch:  # kserve reads the command line of whoever imports it, pytest's --co too
    patch.setattr(sys, "argv", sys.argv[:1])
    from kserve import InferenceRESTClient, InferInput, InferRequest, RESTConfig
    from kserve.protocol.infer_type import RequestedOutput

pytestmark = pytest.mark.long


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
def test_scores(trained_server, datatype, joint, binary):
    binary_input, binary_output = binary
    inputs = WHOLE if datatype.startswith("INT") else INPUTS
    request = kserve_request(
        inputs, datatype, joint, binary_input, request_id="42", parameters={"binary_data_output": binary_output}
    )
    response = kserve(lambda client: client.infer(trained_server.url, request, model_name="promotion"))
    probability, promote = response.outputs
    assert (response.id, response.model_name) == ("42", "promotion")
    assert [output.name for output in response.outputs] == ["probability", "promote"]
    assert (list(probability.data), list(promote.data)) == predicted(trained_server, inputs)


def test_selects_outputs(trained_server):
    wanted = [RequestedOutput("promote", {"binary_data": True})]
    request = kserve_request(INPUTS, "FP64", True, False, request_outputs=wanted)
    response = kserve(lambda client: client.infer(trained_server.url, request, model_name="promotion"))
    assert [(output.name, list(output.data)) for output in response.outputs] == [
        ("promote", predicted(trained_server, INPUTS)[1])
    ]


def test_sends_a_dictionary(trained_server):
    tensor = {"name": "employees", "shape": [5, 2], "datatype": "FP64", "data": INPUTS.tolist()}
    response = kserve(lambda client: client.infer(trained_server.url, {"inputs": [tensor]}, model_name="promotion"))
    assert response.outputs[0].data == predicted(trained_server, INPUTS)[0]


def test_asks_what_is_there(trained_server):
    url = trained_server.url
    assert kserve(lambda client: client.is_server_live(url)) is True
    assert kserve(lambda client: client.is_server_ready(url)) is True
    assert kserve(lambda client: client.is_model_ready(url, "promotion")) is True
    assert kserve(lambda client: client.is_model_ready(url, "other")) is False


def test_understands_the_errors(trained_server):
    request = kserve_request(INPUTS * 2, "FP64", True, True)
    with pytest.raises(httpx.HTTPStatusError, match="years_of_experience: should be a number from 0 to 80") as refused:
        kserve(lambda client: client.infer(trained_server.url, request, model_name="promotion"))
    assert refused.value.response.status_code == 400


def test_without_a_model_nothing_is_ready(server):
    url = server().url
    with pytest.raises(httpx.HTTPStatusError, match="503"):
        kserve(lambda client: client.is_server_ready(url))

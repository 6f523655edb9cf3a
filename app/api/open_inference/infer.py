"""POST /v2/models/promotion/infer, the Open Inference Protocol: tensors in, tensors out, as JSON, binary, or mixed."""

from functools import partial
from typing import Annotated, Any

import numpy as np
import numpy.typing as npt
import orjson
from fastapi import APIRouter, Header, Query
from starlette.requests import Request
from starlette.responses import Response

from app.api.documents import VersionInPath
from app.api.http.options import Options
from app.api.http.receiving import JSON
from app.api.http.scoring_route import Answering
from app.api.http.state import state_of
from app.api.open_inference.documents import InferenceResponseDocument, declared
from app.api.open_inference.errors import MODEL_NAME
from app.api.open_inference.outputs import DATATYPES, outputs
from app.api.open_inference.request import BINARY, InferenceHeaders, InferenceRequest, InferenceRoute
from app.errors import (
    BodyTooLarge,
    InvalidOptions,
    InvalidTensors,
    NoModel,
    NotExplainable,
    NotFound,
    StoreUnavailable,
    UnknownVersion,
    UnsupportedMediaType,
)
from app.registry.model_version import ModelVersion

INFER = f"/v2/models/{MODEL_NAME}/infer"
_LENGTH = "Inference-Header-Content-Length"
_PROBLEMS = (
    InvalidOptions,
    UnsupportedMediaType,
    BodyTooLarge,
    InvalidTensors,
    NoModel,
    NotExplainable,
    StoreUnavailable,
)
_BINARY_CONTENT = {
    BINARY: {
        "schema": {
            "type": "string",
            "format": "binary",
            "description": f"The JSON object, and behind it the tensors' bytes. {_LENGTH} says where the object ends.",
        }
    }
}
_DECLARED: dict[str, Any] = {
    "response_model": InferenceResponseDocument,
    "response_description": f"The outputs; those in binary behind the JSON object, which has {_LENGTH} bytes.",
    "openapi_extra": {"requestBody": {"content": _BINARY_CONTENT}},
}
_ANSWER = {
    "content": _BINARY_CONTENT,
    "headers": {_LENGTH: {"description": "Binary only: the JSON object's bytes.", "schema": {"type": "integer"}}},
}

router = APIRouter(tags=["Open Inference Protocol"], route_class=InferenceRoute)

NoOptions = Annotated[Options, Query()]


@router.post(INFER, responses={200: _ANSWER, **declared(*_PROBLEMS)}, **_DECLARED)
def infer(
    request: Request,
    options: NoOptions,  # noqa: ARG001 - that there are none is part of the contract
    headers: Annotated[InferenceHeaders, Header()],  # noqa: ARG001 - the route has read the body by it
) -> Answering[InferenceRequest]:
    """Score employees with the version in service, as tensors. Nothing of them is stored."""
    return partial(_answer, state_of(request.scope).registry.to_score_with(None))


@router.post(
    f"/v2/models/{MODEL_NAME}/versions/{{version}}/infer",
    responses={200: _ANSWER, **declared(*_PROBLEMS, UnknownVersion, NotFound)},
    **_DECLARED,
)
def infer_with_version(
    request: Request,
    options: NoOptions,  # noqa: ARG001
    headers: Annotated[InferenceHeaders, Header()],  # noqa: ARG001
    version: VersionInPath,
) -> Answering[InferenceRequest]:
    """Score employees with one version, as tensors. Nothing of them is stored."""
    return partial(_answer, state_of(request.scope).registry.to_score_with(version))


def _answer(model: ModelVersion, asked: InferenceRequest) -> Response:
    names = [name for name, _ in asked.outputs]
    try:
        results = outputs(model, asked.question, asked.inputs, names)
    except InvalidOptions as error:  # they are parameters of the body here
        raise InvalidTensors(error.detail) from None
    answer: dict[str, Any] = {"model_name": MODEL_NAME, "model_version": str(model.version)}
    if asked.id is not None:
        answer["id"] = asked.id
    answer["outputs"] = [_tensor(name, results[name], binary) for name, binary in asked.outputs]
    document = orjson.dumps(answer, option=orjson.OPT_SERIALIZE_NUMPY)
    behind = [results[name].data for name, binary in asked.outputs if binary]
    if not behind:
        return Response(document, media_type=JSON)
    return Response(b"".join([document, *behind]), 200, {_LENGTH: str(len(document))}, BINARY)


def _tensor(name: str, values: npt.NDArray[np.generic], binary: bool) -> dict[str, Any]:
    """An output (n,) or (n, 2) as the JSON object has it: row by row, flat."""
    data = {"parameters": {"binary_data_size": values.nbytes}} if binary else {"data": values.ravel()}
    return {"name": name, "datatype": DATATYPES[name], "shape": values.shape, **data}

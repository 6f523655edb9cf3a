"""GET /v2…, the Open Inference Protocol: what the server and its model are, and whether they can score."""

from collections.abc import Sequence

from fastapi import APIRouter
from starlette.requests import Request
from typing_extensions import TypedDict

from app.api.documents import VersionInPath
from app.api.http.routes import StrictRoute
from app.api.http.state import state_of
from app.api.open_inference.documents import DTYPES, declared
from app.api.open_inference.errors import MODEL_NAME
from app.api.open_inference.outputs import DATATYPES, SHAPES
from app.errors import InvalidOptions, NotFound, NotReady, StoreUnavailable, UnknownVersion
from app.inputs import NAMES

router = APIRouter(prefix="/v2", tags=["Open Inference Protocol"], route_class=StrictRoute)

_MODEL = f"/models/{MODEL_NAME}"
_VERSION = f"{_MODEL}/versions/{{version}}"
_OF_A_VERSION = (InvalidOptions, UnknownVersion, NotFound, StoreUnavailable)


class ServerDocument(TypedDict):
    """What the server is."""

    name: str
    version: str
    extensions: list[str]


class TensorDocument(TypedDict):
    """A tensor that a model takes or gives; −1 stands for any number of employees."""

    name: str
    datatype: str
    shape: list[int]


class InferenceModelDocument(TypedDict):
    """The model's versions and tensors. `properties` says in words what the lists cannot."""

    name: str
    versions: list[str]
    platform: str
    inputs: list[TensorDocument]
    outputs: list[TensorDocument]
    properties: dict[str, str]


class LiveDocument(TypedDict):
    """The server answers."""

    live: bool


class ServerReadyDocument(TypedDict):
    """The server can score. The specification writes `live` here, its implementations `ready`: both are given."""

    live: bool
    ready: bool


class ModelReadyDocument(TypedDict):
    """The model can score."""

    name: str
    ready: bool


@router.get("", response_model=ServerDocument, responses=declared(InvalidOptions))
async def server_metadata(request: Request) -> ServerDocument:
    """The server: its name, its release, and the extensions of the protocol that it has."""
    app = request.app
    return {"name": "promotion-scoring", "version": app.version, "extensions": ["binary_tensor_data"]}


@router.get("/health/live", response_model=LiveDocument, responses=declared(InvalidOptions))
async def server_live() -> LiveDocument:
    """200 while the process lives."""
    return {"live": True}


@router.get(
    "/health/ready", response_model=ServerReadyDocument, responses=declared(InvalidOptions, NotReady, StoreUnavailable)
)
def server_ready(request: Request) -> ServerReadyDocument:
    """200 when the store answers and a model is in service."""
    _in_service(request)
    return {"live": True, "ready": True}


@router.get(_MODEL, response_model=InferenceModelDocument, responses=declared(InvalidOptions, StoreUnavailable))
def model_metadata(request: Request) -> InferenceModelDocument:
    """The model: its versions, and the tensors that it takes and gives."""
    return _metadata(state_of(request.scope).registry.numbers())


@router.get(_VERSION, response_model=InferenceModelDocument, responses=declared(*_OF_A_VERSION))
def version_metadata(request: Request, version: VersionInPath) -> InferenceModelDocument:
    """One version of the model: the same tensors."""
    registry = state_of(request.scope).registry
    registry.version(version)
    return _metadata(registry.numbers())


@router.get(
    f"{_MODEL}/ready", response_model=ModelReadyDocument, responses=declared(InvalidOptions, NotReady, StoreUnavailable)
)
def model_ready(request: Request) -> ModelReadyDocument:
    """200 when the store answers and a version is in service."""
    _in_service(request)
    return {"name": MODEL_NAME, "ready": True}


@router.get(f"{_VERSION}/ready", response_model=ModelReadyDocument, responses=declared(*_OF_A_VERSION))
def version_ready(request: Request, version: VersionInPath) -> ModelReadyDocument:
    """200 when this version can score, in service or not."""
    state_of(request.scope).registry.version(version)
    return {"name": MODEL_NAME, "ready": True}


def _in_service(request: Request) -> None:
    """Raises StoreUnavailable and NotReady."""
    state = state_of(request.scope)
    state.store.ping()
    if state.registry.active() is None:
        raise NotReady("No model is active.")


def _metadata(versions: Sequence[int]) -> InferenceModelDocument:
    *most, last = DTYPES
    return {
        "name": MODEL_NAME,
        "versions": [str(number) for number in versions],
        "platform": "numpy_safetensors",
        "inputs": [{"name": "employees", "datatype": "FP64", "shape": [-1, len(NAMES)]}],
        "outputs": [
            {"name": name, "datatype": datatype, "shape": SHAPES[name]} for name, datatype in DATATYPES.items()
        ],
        "properties": {
            "employees": f"{' and '.join(NAMES)} of each; or a tensor [-1] of each of these names",
            "datatypes": f"inputs may be {', '.join(most)} or {last}",
            "outputs": "without a selection probability and promote; the others explain, and come when they are named",
        },
    }

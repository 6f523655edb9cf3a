"""What the Open Inference Protocol's requests and answers hold, as the contract declares them.

The names are those of the specification, kserve/open-inference-protocol, specification/protocol/inference_rest.md; the
parameters with `binary` are those of Triton's binary tensor data extension. Members and parameters that are not named
here are ignored, as the protocol wants it.
"""

from typing import Annotated, Any, Literal, NotRequired

from pydantic import ConfigDict, FailFast, Field, with_config
from typing_extensions import TypedDict

from app.api.bodies.fields import record_of
from app.api.http import problems
from app.api.http.receiving import JSON
from app.api.open_inference.outputs import DATATYPES
from app.errors import Problem
from app.inputs import INPUTS, NAMES, Input

_STRICT = ConfigDict(strict=True)

Datatype = Literal["FP64", "FP32", "INT64", "INT32"]
JOINT = "employees"
"""The tensor that has all inputs."""
InputName: Any = Literal[(JOINT, *NAMES)]
OutputName: Any = Literal[tuple(DATATYPES)]


def _step(each: Input) -> Any:
    field = Field(ge=0.1, le=each.highest, allow_inf_nan=False, description="In which steps changes may move it.")
    return Annotated[float, field]


Dimension = Annotated[int, Field(ge=0)]
ByteCount = Annotated[int, Field(ge=0, description="The tensor's bytes behind the JSON object.")]


@with_config(_STRICT)
class InputParameters(TypedDict):
    """Of one input."""

    binary_data_size: NotRequired[ByteCount]


@with_config(_STRICT)
class OutputParameters(TypedDict):
    """Of one output."""

    binary_data: NotRequired[Annotated[bool, Field(description="Answer this output in binary.")]]


RequestParameters = record_of(
    "RequestParameters",
    "Of the request.",
    {
        "binary_data_output": NotRequired[Annotated[bool, Field(description="Answer every output in binary.")]],
        "background": NotRequired[
            Annotated[Literal["training", "just_above_threshold"], Field(description="As the option of POST /predict.")]
        ],
        "level": NotRequired[
            Annotated[float, Field(ge=0.01, le=0.999, allow_inf_nan=False, description="Of the credible interval.")]
        ],
        "robust": NotRequired[Annotated[bool, Field(description="As the option of POST /predict.")]],
        **{f"step_{each.name}": NotRequired[_step(each)] for each in INPUTS},
    },
    _STRICT,
)


@with_config(_STRICT)
class RequestInput(TypedDict):
    """An input tensor, row-major: its numbers in `data`, flat or nested, or its bytes behind the JSON object."""

    name: InputName
    shape: Annotated[list[Dimension], Field(min_length=1, max_length=2), FailFast()]
    datatype: Datatype
    parameters: NotRequired[InputParameters]
    data: NotRequired[list[Any] | None]


@with_config(_STRICT)
class RequestOutput(TypedDict):
    """An output that is wanted."""

    name: OutputName
    parameters: NotRequired[OutputParameters]


@with_config(_STRICT)
class InferenceRequestDocument(TypedDict):
    """What is asked. Its sentence for the contract names the inputs: see below."""

    id: NotRequired[Annotated[str, Field(description="Comes back as it was sent.")]]
    parameters: NotRequired[RequestParameters]  # type: ignore[valid-type]
    inputs: Annotated[list[RequestInput], Field(min_length=1, max_length=len(NAMES)), FailFast()]
    outputs: NotRequired[Annotated[list[RequestOutput], Field(max_length=len(DATATYPES)), FailFast()]]


InferenceRequestDocument.__doc__ = (
    f"Employees as tensors: `{JOINT}` [n, {len(NAMES)}], {' and '.join(NAMES).replace('_', ' ')} of each; or a "
    "tensor [n] for each of these. `outputs` selects outputs and their order, those that explain too. Without it "
    "the probability and the decision come."
)


class ResponseOutput(TypedDict):
    """An output tensor: `data`, or in `parameters` how many bytes behind the JSON object are its own."""

    name: OutputName
    shape: list[int]
    datatype: Literal["FP64", "BOOL"]
    parameters: NotRequired[InputParameters]
    data: NotRequired[list[float] | list[bool]]


class InferenceResponseDocument(TypedDict):
    """The outputs, in the order in which they were asked for, and the version that scored."""

    model_name: str
    model_version: str
    id: NotRequired[str]
    outputs: list[ResponseOutput]


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


class InferenceError(TypedDict):
    """What is wrong, in words."""

    error: str


def declared(*kinds: type[Problem]) -> dict[int | str, dict[str, Any]]:
    """What an endpoint of the protocol declares to answer when something is wrong, in the protocol's form."""
    responses = problems.declared(*kinds)
    for response in responses.values():
        examples = response["content"].pop(problems.MEDIA_TYPE)["examples"]
        for example in examples.values():
            example["value"] = {"error": example["value"]["detail"]}
        response["content"][JSON] = {"examples": examples}
        response["model"] = InferenceError
    return responses

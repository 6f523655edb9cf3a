"""What the Open Inference Protocol's inference requests and their answers hold, as the contract declares them.

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

DTYPES = {"FP64": "<f8", "FP32": "<f4", "INT64": "<i8", "INT32": "<i4"}
"""The datatypes that an input may have, and what NumPy calls them."""
Datatype: Any = Literal[tuple(DTYPES)]
JOINT = "employees"
"""The tensor that has all inputs."""
InputName: Any = Literal[(JOINT, *NAMES)]
OutputName: Any = Literal[tuple(DATATYPES)]


def _step(each: Input) -> Any:
    sentence = f"In which steps a change may move {each.name}."
    return Annotated[float, Field(ge=0.1, le=each.highest, allow_inf_nan=False, description=sentence)]


Dimension = Annotated[int, Field(ge=0)]
_SHAPE = f"Here n is the number of employees: [n, {len(NAMES)}] with all inputs, [n] with one."
ByteCount = Annotated[int, Field(ge=0, description="The tensor's bytes behind the JSON object.")]


@with_config(_STRICT)
class InputParameters(TypedDict):
    """How an input tensor is sent."""

    binary_data_size: NotRequired[ByteCount]


@with_config(_STRICT)
class OutputParameters(TypedDict):
    """How an output tensor shall be answered."""

    binary_data: NotRequired[Annotated[bool, Field(description="Answer this output in binary.")]]


RequestParameters = record_of(
    "RequestParameters",
    "How every output shall be answered, and how those that explain are made.",
    {
        "binary_data_output": NotRequired[Annotated[bool, Field(description="Answer every output in binary.")]],
        "background": NotRequired[
            Annotated[
                Literal["training", "just_above_threshold"], Field(description="With whom an employee is compared.")
            ]
        ],
        "level": NotRequired[
            Annotated[
                float, Field(ge=0.01, le=0.999, allow_inf_nan=False, description="The credible interval's level.")
            ]
        ],
        "robust": NotRequired[
            Annotated[bool, Field(description="A change must turn the decision also at the interval's end.")]
        ],
        **{f"step_{each.name}": NotRequired[_step(each)] for each in INPUTS},
    },
    _STRICT,
)


@with_config(_STRICT)
class RequestInput(TypedDict):
    """An input tensor, row-major: its numbers in `data`, flat or nested, or its bytes behind the JSON object."""

    name: Annotated[InputName, Field(description="Which inputs the tensor has: all, or one of them.")]
    shape: Annotated[list[Dimension], Field(min_length=1, max_length=2, description=_SHAPE), FailFast()]
    datatype: Annotated[Datatype, Field(description="The type of its numbers.")]
    parameters: NotRequired[Annotated[InputParameters, Field(description="For a binary tensor.")]]
    data: NotRequired[Annotated[list[Any] | None, Field(description="Its numbers, when they are not binary.")]]


@with_config(_STRICT)
class RequestOutput(TypedDict):
    """An output that is wanted."""

    name: Annotated[OutputName, Field(description="Which output is wanted.")]
    parameters: NotRequired[Annotated[OutputParameters, Field(description="How this output shall be answered.")]]


_PARAMETERS = "What holds for the whole request."
_INPUTS = "One tensor of all inputs, or one tensor of each."
_OUTPUTS = "The outputs that are wanted, in this order."


@with_config(_STRICT)
class InferenceRequestDocument(TypedDict):
    """What is asked. Its sentence for the contract names the inputs: see below."""

    id: NotRequired[Annotated[str, Field(description="Comes back as it was sent.")]]
    parameters: NotRequired[Annotated[RequestParameters, Field(description=_PARAMETERS)]]  # type: ignore[valid-type]
    inputs: Annotated[list[RequestInput], Field(min_length=1, max_length=len(NAMES), description=_INPUTS), FailFast()]
    outputs: NotRequired[
        Annotated[list[RequestOutput], Field(max_length=len(DATATYPES), description=_OUTPUTS), FailFast()]
    ]


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

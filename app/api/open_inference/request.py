"""The body of an inference request: a JSON object, and behind it the bytes of the tensors that are binary."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Annotated, Any, ClassVar

import orjson
from pydantic import Field, ValidationError, WithJsonSchema

from app.api.bodies import examples
from app.api.bodies.json_careful import adapter
from app.api.bodies.kinds import Body
from app.api.explanations.options import DEFAULT
from app.api.http.options import Headers
from app.api.http.receiving import JSON, readable_media_type
from app.api.http.routes import THREAD_BYTES, Read
from app.api.http.scoring_route import ScoringRoute
from app.api.open_inference.documents import JOINT, InferenceRequestDocument
from app.api.open_inference.outputs import DATATYPES, SCORE
from app.api.open_inference.tensors import read_inputs
from app.errors import InvalidTensors, UnsupportedMediaType
from app.inputs import INPUTS, NAMES
from app.insight.question import Question
from app.network.parameters import Array

LARGE_BINARY_BYTES = 256 * 1024
"""The same as THREAD_BYTES, for bytes that need no parsing: 16,000 rows and more."""

BINARY = "application/octet-stream"
_OUTPUTS = b'"outputs"'
_EXPLAINING = [name.encode() for name in DATATYPES if name not in SCORE]


class InferenceHeaders(Headers):
    """Where the JSON object ends."""

    inference_header_content_length: Annotated[
        int | None,
        WithJsonSchema({"type": "integer", "minimum": 0}),  # a header cannot be null
        Field(ge=0, description="How many bytes of the body are its JSON object. Default: all of them."),
    ] = None


@dataclass(frozen=True, eq=False)
class InferenceRequest(Body):
    """What is asked: inputs (n, d) in the order of app/inputs.py; the outputs wanted, each with whether it shall be
    binary; and how those that explain are to be made.
    """

    id: str | None
    inputs: Array
    outputs: Sequence[tuple[str, bool]]
    question: Question

    body: ClassVar[Any] = InferenceRequestDocument
    example: ClassVar[dict[str, Any]] = examples.TENSORS

    @classmethod
    def from_bytes(cls, json_length: int | None, data: bytes) -> InferenceRequest:
        """Read a body whose JSON object has so many bytes. Raises InvalidTensors."""
        if json_length is not None and json_length > len(data):
            raise InvalidTensors("Inference-Header-Content-Length is more than the body has.")
        body = memoryview(data)
        end = len(data) if json_length is None else json_length
        document = _document(body[:end])
        inputs = read_inputs(document["inputs"], body[end:])
        return cls(document.get("id"), inputs, _outputs(document), _question(document))


class InferenceRoute(ScoringRoute):
    """Reads JSON with bytes behind it. KServe's client names that octet-stream, Triton's client names nothing."""

    def _media_type(self, content_type: bytes, _: Any) -> str:
        bare = content_type.partition(b";")[0].strip().lower().decode("latin-1")
        if bare not in ("", BINARY) and readable_media_type(content_type) != JSON:
            raise UnsupportedMediaType(f"The Content-Type should be {JSON}, in UTF-8, or {BINARY}.")
        return BINARY

    def _takes_long(self, data: bytes, *arguments: Any) -> bool:
        json_length = arguments[1].inference_header_content_length
        head = data[:json_length]
        if _OUTPUTS in head and any(name in head for name in _EXPLAINING):  # see ExplainOptions.take_long
            return True
        return len(data) >= (THREAD_BYTES if len(head) >= THREAD_BYTES else LARGE_BINARY_BYTES)

    def _reader(self, _: str, __: Any, *headers: Any) -> Read:
        return partial(InferenceRequest.from_bytes, headers[0].inference_header_content_length)


def _document(data: memoryview) -> InferenceRequestDocument:
    try:
        value = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        raise InvalidTensors(f"The JSON object cannot be read: line {error.lineno}, column {error.colno}.") from None
    try:
        document: InferenceRequestDocument = adapter(InferenceRequestDocument).validate_python(value)
    except ValidationError as error:
        faults = error.errors(include_url=False, include_context=False, include_input=False)
        raise InvalidTensors("; ".join(f"{_place(fault['loc'], value)}: {fault['msg']}" for fault in faults)) from None
    return document


def _place(location: tuple[int | str, ...], value: Any) -> str:
    """A JSON pointer, RFC 6901, and the tensor's name where it is one of ours."""
    pointer = "".join(f"/{step}" for step in location) or "The JSON object"
    name = None
    if len(location) > 2:  # such as inputs, 0, shape
        kind, i, *_ = location
        name = value[kind][i].get("name") if kind in ("inputs", "outputs") else None
    return f"{pointer} ({name})" if name in (JOINT, *NAMES, *DATATYPES) else pointer


def _outputs(document: InferenceRequestDocument) -> list[tuple[str, bool]]:
    """The outputs that are wanted, in their order; those of the score when none is named."""
    parameters: dict[str, Any] = document.get("parameters", {})
    binary = parameters.get("binary_data_output", False)
    wanted: list[tuple[str, bool]] = [
        (output["name"], output.get("parameters", {}).get("binary_data", binary))
        for output in document.get("outputs", [])
    ]
    if len({name for name, _ in wanted}) < len(wanted):
        raise InvalidTensors("An output is asked for more than once.")
    return wanted or [(name, binary) for name in SCORE]


def _question(document: InferenceRequestDocument) -> Question:
    parameters: dict[str, Any] = document.get("parameters", {})
    return Question(
        tuple(parameters.get(f"step_{each.name}", each.step) for each in INPUTS),
        parameters.get("background", DEFAULT.background),
        parameters.get("level", DEFAULT.level),
        parameters.get("robust", DEFAULT.robust),
    )

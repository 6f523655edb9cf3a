"""The Open Inference Protocol's error form, {"error": message}, for everything below /v2."""

import orjson
from starlette.responses import Response
from starlette.types import Scope

from app.errors import InvalidRecords, InvalidTensors, NotFound, Problem

MODEL_NAME = "promotion"
"""The one model that the service has, whatever its versions."""


def is_asked_for(scope: Scope) -> bool:
    """Whether a request speaks the protocol. Its path tells, so that paths that do not exist are answered in it too."""
    path: str = scope["path"].removeprefix(scope.get("root_path", ""))
    return path == "/v2" or path.startswith("/v2/")


def answer(problem: Problem, _scope: Scope) -> Response:
    """The problem in the protocol's form, under its status."""
    if isinstance(problem, InvalidRecords):  # of a body that cannot be unpacked: the protocol knows no records
        problem = InvalidTensors(f"{problem.faults[0].message}.")
    message = problem.detail
    if isinstance(problem, NotFound):
        message += f" The model here is named {MODEL_NAME}, and its versions are numbers."
    return Response(orjson.dumps({"error": message}), problem.status, problem.headers, "application/json")

"""Errors as answers: application/problem+json, RFC 9457; in the Open Inference Protocol's form where that was asked.

Nothing of a request's body is ever in one.
"""

from typing import Annotated, Any

import orjson
from fastapi import APIRouter, FastAPI, Path
from fastapi.exceptions import RequestValidationError
from pydantic import Field, TypeAdapter
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import Scope
from typing_extensions import TypedDict

from app.api.http.routes import StrictRoute
from app.api.open_inference import errors as inference_errors
from app.errors import (
    InternalError,
    InvalidOptions,
    InvalidRecords,
    JsonFault,
    MethodNotAllowed,
    NotFound,
    Problem,
    problem_kinds,
)

MEDIA_TYPE = "application/problem+json"

router = APIRouter(tags=["problems"], route_class=StrictRoute)


class Fault(TypedDict, total=False):
    """One fault: by pointer in a JSON body, by row and column in a CSV body."""

    pointer: Annotated[str, Field(description="JSON pointer (RFC 6901) to the place in the body.")]
    row: Annotated[int, Field(description="Line of the file on which the record begins, from 1.")]
    column: Annotated[str | None, Field(description="Column as the file names it; null when it is the whole row.")]
    message: str


class ProblemDocument(TypedDict, total=False):
    """RFC 9457 problem details. `code` is stable; `error_count` and `errors` (the first 100) name faulty records."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    error_count: int
    errors: list[Fault]


class ProblemKind(TypedDict):
    """What a problem code means, and what the caller can do."""

    code: str
    status: int
    title: str
    remedy: str


def answer(problem: Problem, scope: Scope) -> Response:
    """The problem as the answer to the request of this scope."""
    if inference_errors.asked(scope):
        return inference_errors.answer(problem)
    body = orjson.dumps(problem.members())
    return Response(body, problem.status, problem.headers, MEDIA_TYPE)


def declared(*kinds: type[Problem]) -> dict[int | str, dict[str, Any]]:
    """What an endpoint declares to answer when something is wrong, with an example for each code."""
    responses: dict[int | str, dict[str, Any]] = {}
    every: list[type[Problem]] = [*kinds, InternalError]
    for kind in every:
        response = responses.setdefault(kind.status, {"description": "", "content": {MEDIA_TYPE: {"examples": {}}}})
        response["description"] = "; ".join(filter(None, [response["description"], f"`{kind.code}`: {kind.title}"]))
        content = response["content"][MEDIA_TYPE]
        content["schema"] = {"$ref": "#/components/schemas/ProblemDocument"}
        content["examples"][kind.code] = {"summary": kind.remedy, "value": _example(kind).members()}
    return responses


def _example(kind: type[Problem]) -> Problem:
    if issubclass(kind, InvalidRecords):
        return kind([JsonFault("/employees/3/performance_score", "Input should be less than or equal to 100")])
    return kind(f"{kind.title}.")


@router.get("/problems/{code}", response_model=ProblemKind, responses=declared(InvalidOptions, NotFound))
def explain_problem(code: Annotated[str, Path(examples=["no_model"])]) -> Response:
    """What a problem code means and what the caller can do: the `type` of every problem leads here."""
    for kind in problem_kinds():
        if kind.code == code:
            members = {"code": kind.code, "status": kind.status, "title": kind.title, "remedy": kind.remedy}
            return JSONResponse(members)
    raise NotFound("There is no such problem code.")


def install(app: FastAPI) -> None:
    """Turn everything that is raised into problems."""
    app.add_exception_handler(Problem, _problem)
    app.add_exception_handler(HTTPException, _http_exception)
    app.add_exception_handler(RequestValidationError, _validation_error)
    app.add_exception_handler(Exception, _mistake)
    generate = app.openapi

    def with_problem_document() -> dict[str, Any]:
        contract = generate()
        schema = TypeAdapter(ProblemDocument).json_schema(ref_template="#/components/schemas/{model}")
        contract["components"]["schemas"] |= schema.pop("$defs") | {"ProblemDocument": schema}
        return contract

    app.openapi = with_problem_document  # type: ignore[method-assign]


async def _problem(request: Request, error: Exception) -> Response:
    assert isinstance(error, Problem)
    return answer(error, request.scope)


async def _mistake(request: Request, _: Exception) -> Response:
    """Without this, Starlette answers plain text. It raises the mistake again afterwards: Observation logs it."""
    return answer(InternalError("The service made a mistake."), request.scope)


async def _http_exception(request: Request, error: Exception) -> Response:
    """What routing itself raises."""
    assert isinstance(error, HTTPException)
    if error.status_code == 405:
        # The route that was found knows its own methods only; another one may serve the same path. The pages, their
        # assets and /openapi.json are not in the contract: they are there to be got.
        path = getattr(request.scope.get("route"), "path", None)
        allow = ", ".join(method.upper() for method in request.app.openapi()["paths"].get(path, {"get": {}}))
        return answer(MethodNotAllowed("This path does not answer this method.", {"Allow": allow}), request.scope)
    return answer(NotFound("There is nothing at this path."), request.scope)


async def _validation_error(request: Request, error: Exception) -> Response:
    """Options and path parameters of endpoints that FastAPI itself serves."""
    assert isinstance(error, RequestValidationError)
    faults = error.errors()
    if any(fault["loc"][0] == "path" for fault in faults):
        return answer(NotFound("There is nothing at this path."), request.scope)
    detail = "; ".join(f"{fault['loc'][-1]}: {fault['msg']}" for fault in faults) + "."
    return answer(InvalidOptions(detail), request.scope)

"""Errors as answers: application/problem+json, RFC 9457.

Nothing of a request's body is ever in one.
"""

from collections.abc import Callable
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, FastAPI, Path
from fastapi.exceptions import RequestValidationError
from pydantic import Field
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import Scope
from typing_extensions import TypedDict

from app.api.http.routes import StrictRoute
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
from app.inputs import INPUTS

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


Answer = Callable[[Problem, Scope], Response]
"""The problem as the answer to the request of a scope."""


def answer(problem: Problem, _scope: Scope) -> Response:
    """The problem document. Other forms that some paths have are chosen in app/service.py."""
    return Response(orjson.dumps(problem.members()), problem.status, problem.headers, MEDIA_TYPE)


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
        last = INPUTS[-1]
        return kind([JsonFault(f"/employees/3/{last.name}", f"Input should be less than or equal to {last.highest}")])
    return kind(f"{kind.title}.")


@router.get("/problems/{code}", response_model=ProblemKind, responses=declared(InvalidOptions, NotFound))
def explain_problem(
    code: Annotated[str, Path(description="The problem's `code`.", examples=["no_model"])],
) -> Response:
    """What a problem code means and what the caller can do: the `type` of every problem leads here."""
    for kind in problem_kinds():
        if kind.code == code:
            members = {"code": kind.code, "status": kind.status, "title": kind.title, "remedy": kind.remedy}
            return JSONResponse(members)
    raise NotFound("There is no such problem code.")


class Handlers:
    """Turns everything that is raised below FastAPI's router into problems, which `answer` answers."""

    def __init__(self, answer: Answer) -> None:
        self._answer = answer

    def install(self, app: FastAPI) -> None:
        """Let the application use them."""
        app.add_exception_handler(Problem, self._problem)
        app.add_exception_handler(HTTPException, self._http_exception)
        app.add_exception_handler(RequestValidationError, self._validation_error)
        app.add_exception_handler(Exception, self._mistake)

    async def _problem(self, request: Request, error: Exception) -> Response:
        assert isinstance(error, Problem)
        return self._answer(error, request.scope)

    async def _mistake(self, request: Request, _: Exception) -> Response:
        """Without this, Starlette answers plain text. It raises the mistake again afterwards: Observation logs it."""
        return self._answer(InternalError("The service made a mistake."), request.scope)

    async def _http_exception(self, request: Request, error: Exception) -> Response:
        """What routing itself raises."""
        assert isinstance(error, HTTPException)
        if error.status_code == 405:
            # The route that was found knows its own methods only; another one may serve the same path. The pages, their
            # assets and /openapi.json are not in the contract: they are there to be got.
            path = getattr(request.scope.get("route"), "path", None)
            allow = ", ".join(method.upper() for method in request.app.openapi()["paths"].get(path, {"get": {}}))
            problem = MethodNotAllowed("This path does not answer this method.", {"Allow": allow})
            return self._answer(problem, request.scope)
        return self._answer(NotFound("There is nothing at this path."), request.scope)

    async def _validation_error(self, request: Request, error: Exception) -> Response:
        """Options and path parameters of endpoints that FastAPI itself serves."""
        assert isinstance(error, RequestValidationError)
        faults = error.errors()
        if any(fault["loc"][0] == "path" for fault in faults):
            return self._answer(NotFound("There is nothing at this path."), request.scope)
        detail = "; ".join(f"{fault['loc'][-1]}: {fault['msg']}" for fault in faults) + "."
        return self._answer(InvalidOptions(detail), request.scope)

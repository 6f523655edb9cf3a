"""POST /predict: employees in, scores out, in order."""

from collections.abc import Callable
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Body, Query
from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from app.api import examples
from app.api.column_options import ColumnOptions
from app.api.csv_answer import write_csv
from app.api.csv_cells import CsvCells
from app.api.documents import PredictionsDocument, Version
from app.api.json_answer import write_json
from app.api.problems import declared
from app.api.records import Employees
from app.api.routes import CSV, JSON
from app.api.scoring_route import ScoringRoute
from app.errors import (
    BodyTooLarge,
    InvalidOptions,
    InvalidRecords,
    NoModel,
    StoreUnavailable,
    UnknownVersion,
    UnsupportedMediaType,
)
from app.network.forward import score
from app.registry.model_version import ModelVersion

router = APIRouter(tags=["predict"], route_class=ScoringRoute)


class PredictOptions(ColumnOptions):
    """How to score."""

    model_version: Annotated[
        Version | None, Field(description="Score with this version. Default: the one in service.")
    ] = None


@router.post(
    "/predict",
    response_model=PredictionsDocument,
    response_description="The scores; CSV for a CSV body, with the version in the header `Model-Version`.",
    responses={
        200: {
            "content": {"text/csv": {"schema": {"type": "string"}}},
            "headers": {
                "Model-Version": {"description": "CSV only: the version that scored.", "schema": {"type": "integer"}}
            },
        },
        **declared(
            InvalidOptions,
            UnsupportedMediaType,
            BodyTooLarge,
            InvalidRecords,
            NoModel,
            UnknownVersion,
            StoreUnavailable,
        ),
    },
    openapi_extra={
        "requestBody": {
            "content": {"text/csv": {"schema": {"type": "string"}, "example": examples.as_csv(examples.EMPLOYEES)}}
        }
    },
)
def predict(
    request: Request,
    body: Annotated[Employees, Body(examples=[examples.EMPLOYEES])],  # noqa: ARG001 - see ScoringRoute
    options: Annotated[PredictOptions, Query()],
) -> Callable[[Employees], Response]:
    """Score employees, one or many, as JSON or CSV. Nothing of them is stored."""
    return partial(_answer, request.app.state.registry.to_score_with(options.model_version))


def _answer(model: ModelVersion, employees: Employees) -> Response:
    probabilities = score(model.parameters, employees.inputs)
    promote = probabilities >= model.threshold
    if isinstance(employees.ids, CsvCells):
        rows = write_csv(employees.ids, probabilities, promote)
        return Response(rows, 200, {"Model-Version": str(model.version)}, f"{CSV}; charset=utf-8")
    return Response(write_json(model, employees.ids, probabilities.tolist(), promote.tolist()), media_type=JSON)

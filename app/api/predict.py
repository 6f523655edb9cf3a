"""POST /predict: employees in, scores out, in order."""

from functools import partial
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from app.api.bodies.csv_cells import CsvCells
from app.api.bodies.records import Employees
from app.api.csv_answer import write_csv
from app.api.documents import PredictionsDocument, Version
from app.api.explanations.csv import write_explained_csv
from app.api.explanations.explaining import Where, explained_scores, explainer_of
from app.api.explanations.json import write_explained_rows
from app.api.explanations.options import ExplainOptions
from app.api.http.column_options import ColumnOptions
from app.api.http.compression import LargeAnswer
from app.api.http.problems import declared
from app.api.http.receiving import CSV, JSON
from app.api.http.scoring_route import Answering, ScoringRoute
from app.api.http.state import state_of
from app.api.json_answer import write_json
from app.errors import (
    BodyTooLarge,
    InvalidOptions,
    InvalidRecords,
    NoModel,
    NotExplainable,
    StoreUnavailable,
    UnknownVersion,
    UnsupportedMediaType,
)
from app.insight.question import Question
from app.network.forward import score
from app.registry.model_version import ModelVersion

router = APIRouter(tags=["predict"], route_class=ScoringRoute)


class PredictOptions(ColumnOptions, ExplainOptions):
    """How to score, and whether to explain."""

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
            NotExplainable,
            UnknownVersion,
            StoreUnavailable,
        ),
    },
)
def predict(
    request: Request,
    options: Annotated[PredictOptions, Query()],
) -> Answering[Employees]:
    """Score employees, one or many, as JSON or CSV, and explain the scores if wanted. Nothing of them is stored."""
    model = state_of(request.scope).registry.to_score_with(options.model_version)
    if options.question is None:
        return partial(_answer, model)
    explainer_of(model, options.question)  # refuse here what cannot be explained, before the records are read elsewhere
    return partial(_answer_explained, model, options.question, options.explain_where)


def _answer(model: ModelVersion, employees: Employees) -> Response:
    probabilities = score(model.parameters, employees.inputs)
    promote = probabilities >= model.threshold
    if isinstance(employees.ids, CsvCells):
        return _csv(model, write_csv(employees.ids, probabilities, promote))
    return Response(write_json(model, employees.ids, probabilities.tolist(), promote.tolist()), media_type=JSON)


def _answer_explained(model: ModelVersion, question: Question, where: Where | None, employees: Employees) -> Response:
    scores = explained_scores(model, question, where, employees.inputs)
    if isinstance(employees.ids, CsvCells):
        return _csv(model, write_explained_csv(employees.ids, scores))
    return LargeAnswer(write_explained_rows(model, employees.ids, scores), media_type=JSON)


def _csv(model: ModelVersion, rows: bytes | memoryview) -> Response:
    return LargeAnswer(rows, 200, {"Model-Version": str(model.version)}, f"{CSV}; charset=utf-8")

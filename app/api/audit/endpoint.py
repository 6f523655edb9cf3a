"""POST /audit: decisions in, the adverse-impact computation out, as JSON, CSV or a page to publish."""

from datetime import date
from functools import partial
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Header, Query
from pydantic import BeforeValidator, Field, ValidationInfo, WithJsonSchema, field_validator
from starlette.requests import Request
from starlette.responses import Response

from app.api.audit.csv_answer import write_csv
from app.api.audit.documents import AuditDocument
from app.api.audit.records import Decisions
from app.api.documents import Version
from app.api.http.column_options import AuditColumns
from app.api.http.negotiation import accepted
from app.api.http.options import Headers
from app.api.http.problems import declared
from app.api.http.receiving import CSV, JSON
from app.api.http.scoring_route import Answering, ScoringRoute
from app.api.http.state import state_of
from app.errors import (
    BodyTooLarge,
    InvalidOptions,
    InvalidRecords,
    NoModel,
    StoreUnavailable,
    UnknownVersion,
    UnsupportedMediaType,
)
from app.impact.audit import audit, median, over_thresholds
from app.network.forward import score
from app.registry.model_version import ModelVersion

HTML = "text/html"


def _day(written: str) -> date:
    try:
        return date.fromisoformat(written)
    except ValueError:
        raise ValueError("should be a day such as 2026-01-31") from None  # Python's message has the value


Day = Annotated[date, BeforeValidator(_day)]


class AuditOptions(AuditColumns):
    """How to compute, and what to say of the data."""

    model_version: Annotated[
        Version | None, Field(description="Score with this version. Default: the one in service.")
    ] = None
    exclude_below: Annotated[
        float,
        Field(
            ge=0,
            le=1,
            allow_inf_nan=False,
            description="Do not compare categories with a smaller share of all decisions. Law 144 allows 0.02.",
        ),
    ] = 0.0
    source: Annotated[
        str | None, Field(max_length=200, description="Where the data are from. It is shown, and not checked.")
    ] = None
    period_start: Annotated[Day | None, Field(description="The first day that the data are of.")] = None
    period_end: Annotated[Day | None, Field(description="The last day that the data are of.")] = None

    @field_validator("period_end")
    @classmethod
    def _not_before_its_start(cls, end: date | None, others: ValidationInfo) -> date | None:
        start = others.data.get("period_start")
        if start is not None and end is not None and end < start:
            raise ValueError("should not be before period_start")
        return end

    @property
    def take_long(self) -> bool:
        """Even few decisions have many categories to compare."""
        return True


class AuditHeaders(Headers):
    """What the answer shall be."""

    accept: Annotated[
        str | None,
        WithJsonSchema({"type": "string"}),
        Field(description=f"What the answer is: {JSON}, {CSV} (the tables alone) or {HTML} (a page to publish)."),
    ] = None


router = APIRouter(tags=["audit"], route_class=ScoringRoute)


@router.post(
    "/audit",
    response_model=AuditDocument,
    response_description="Tables by sex, by race or ethnicity and of both; as Accept asks.",
    responses={
        200: {"content": {CSV: {"schema": {"type": "string"}}, HTML: {"schema": {"type": "string"}}}},
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
)
def audit_decisions(
    request: Request,
    options: Annotated[AuditOptions, Query()],
    headers: Annotated[AuditHeaders, Header()],
) -> Answering[Decisions]:
    """Compute the adverse impact of decisions, of scores, or of what a model version would decide.

    Impact ratios as New York's Local Law 144 (6 RCNY 5-301) and the Uniform Guidelines (29 CFR 1607.4D) have them, with
    significance, by decision pool, and with what unknowns could hide. A computation, not a bias audit. Nothing of the
    decisions is stored.
    """
    registry = state_of(request.scope).registry
    scorer: ModelVersion | NoModel | StoreUnavailable
    try:
        scorer = registry.to_score_with(options.model_version)
    except (NoModel, StoreUnavailable) as none:  # the decisions tell whether one is needed
        scorer = none
    return partial(_answer, scorer, options, accepted(headers.accept, (JSON, CSV, HTML)))


def _answer(
    model: ModelVersion | NoModel | StoreUnavailable, options: AuditOptions, media_type: str, decisions: Decisions
) -> Response:
    document = _computed(model, options, decisions)
    if media_type == CSV:
        return Response(write_csv(document), media_type=CSV)
    if media_type == HTML:
        from app.api.audit.page import page  # noqa: PLC0415 - Jinja is loaded when somebody wants a page

        return Response(page(document), media_type=HTML)
    return Response(orjson.dumps(document), media_type=JSON)


def _computed(
    model: ModelVersion | NoModel | StoreUnavailable, options: AuditOptions, decisions: Decisions
) -> dict[str, Any]:
    people, values = decisions.people, decisions.values
    head: dict[str, Any] = {"basis": decisions.basis, "model_version": None}
    tail = {}
    if decisions.basis == "selected":
        selected = values[:, 0] == 1.0
    elif decisions.basis == "score":
        head["median"] = median(values[:, 0], people.counts)
        selected = values[:, 0] > head["median"]
    else:
        if isinstance(model, NoModel):
            raise NoModel("No model is active: train one, or send selected or score.")
        if isinstance(model, StoreUnavailable):
            raise model
        head["model_version"] = model.version
        probability = score(model.parameters, values)
        selected = probability >= model.threshold
        tail["thresholds"] = over_thresholds(people, probability, model.threshold)
    head["data"] = {"source": options.source, "period_start": options.period_start, "period_end": options.period_end}
    head["exclude_below"] = options.exclude_below
    return head | audit(people, selected, options.exclude_below) | tail

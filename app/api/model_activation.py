"""PUT /model: which version is in service; GET /model/activations: which was when."""

import asyncio
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar

import orjson
from fastapi import APIRouter, Header, Query
from pydantic import BeforeValidator, Field
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from app.api.bodies.fields import record_of
from app.api.bodies.json_careful import whole
from app.api.bodies.kinds import JsonBody
from app.api.documents import ActivationsDocument, ModelDocument, Version
from app.api.http.options import Headers, Options
from app.api.http.problems import declared
from app.api.http.receiving import JSON
from app.api.http.routes import BodyRoute, Received, StrictRoute
from app.api.http.state import state_of
from app.errors import (
    BodyTooLarge,
    InvalidOptions,
    InvalidRecords,
    PreconditionFailed,
    StoreUnavailable,
    UnknownVersion,
    UnsupportedMediaType,
)
from app.registry.model_version import ModelVersion

router = APIRouter(tags=["model"], route_class=StrictRoute)
body_router = APIRouter(tags=["model"], route_class=BodyRoute)


@dataclass(frozen=True)
class Activation(JsonBody):
    """Which version to put into service."""

    version: int

    body: ClassVar[Any] = record_of(
        "Activation",
        "Which version to put into service.",
        {"version": Annotated[Version, BeforeValidator(whole), Field(description="The number of the version.")]},
    )
    example: ClassVar[dict[str, Any]] = {"version": 1}

    @classmethod
    def from_body(cls, body: Any) -> "Activation":
        """See JsonBody."""
        return cls(body["version"])


class ActivationHeaders(Headers):
    """On what condition to put it there."""

    if_match: Annotated[
        str | None,
        Field(description="The `ETag` of the model that is to be replaced: 412 when another one is in service by now."),
    ] = None

    def agrees(self, active: ModelVersion | None) -> bool:
        """RFC 9110, section 13.1.1: a list of strong tags, or an asterisk for any."""
        tags = [tag.strip() for tag in (self.if_match or "").split(",")]
        return active is not None and ("*" in tags or active.in_service[1] in tags)


@body_router.put(
    "/model",
    response_model=ModelDocument,
    responses=declared(
        InvalidOptions,
        UnsupportedMediaType,
        BodyTooLarge,
        InvalidRecords,
        UnknownVersion,
        PreconditionFailed,
        StoreUnavailable,
    ),
)
async def activate_version(
    request: Request,
    body: Received[Activation],
    options: Annotated[Options, Query()],  # noqa: ARG001 - that there are none is part of the contract
    headers: Annotated[ActivationHeaders, Header()],
) -> Response:
    """Put an earlier version into service (rollback), or a newer one that was only stored.

    When this has answered, every worker scores with it.
    """
    registry = state_of(request.scope).registry
    # Only when asked: a rollback must be possible when what is in service cannot even be read.
    agreed = None if headers.if_match is None else headers.agrees
    version = await run_in_threadpool(registry.activate, body.content.version, agreed)
    await asyncio.sleep(registry.settling_seconds)
    model, etag = version.in_service
    return Response(model, 200, {"ETag": etag}, JSON)


@router.get(
    "/model/activations", response_model=ActivationsDocument, responses=declared(InvalidOptions, StoreUnavailable)
)
def list_activations(
    request: Request,
    limit: Annotated[int, Query(ge=1, le=100, description="Most activations on a page.")] = 20,
    before: Annotated[
        int | None, Query(ge=1, le=2**31 - 1, description="Only activations before this one; `next` has it.")
    ] = None,
) -> Response:
    """What was put into service when, and in place of what, newest first, in pages."""
    page = state_of(request.scope).registry.activations(limit + 1, before)
    shown = page[:limit]
    answer = {
        "activations": [
            {"version": row.version, "activated_at": row.activated_at, "previous_version": row.previous_version}
            for row in shown
        ],
        "next": f"/model/activations?limit={limit}&before={shown[-1].id}" if len(page) > limit else None,
    }
    return Response(orjson.dumps(answer), media_type=JSON)

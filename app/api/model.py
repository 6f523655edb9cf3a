"""GET /model, GET /model/versions: what is in service, what could be, and the weights to check it with."""

from typing import Annotated

import orjson
from fastapi import APIRouter, Header, Query
from starlette.requests import Request
from starlette.responses import Response

from app.api.documents import ModelDocument, Version, VersionInPath, VersionsDocument
from app.api.http.problems import declared
from app.api.http.receiving import JSON
from app.api.http.routes import StrictRoute
from app.api.http.state import state_of
from app.errors import (
    InvalidOptions,
    NoModelToShow,
    NotFound,
    StoreUnavailable,
    UnknownVersion,
)
from app.registry.model_version import ModelVersion

router = APIRouter(tags=["model"], route_class=StrictRoute)


@router.get(
    "/model",
    response_model=ModelDocument,
    responses={
        304: {"description": "What the caller has is still right."},
        **declared(InvalidOptions, NoModelToShow, StoreUnavailable),
    },
)
async def get_model(
    request: Request,
    if_none_match: Annotated[str | None, Header(description="The `ETag` of an earlier answer.")] = None,
) -> Response:
    """The model in service: its weights in raw units, and how it was trained.

    Answers 304 without a body when the caller's `If-None-Match` names what is in service still.
    """
    active = state_of(request.scope).registry.active()
    if active is None:
        raise NoModelToShow("No model is active.")
    body, etag = active.in_service
    headers = {"ETag": etag, "Cache-Control": "no-cache"}
    if _names(if_none_match, etag):
        return Response(None, 304, headers)
    return Response(body, 200, headers, JSON)


def _names(if_none_match: str | None, etag: str) -> bool:
    """RFC 9110, section 13.1.2: a list of tags, weak or not, or an asterisk."""
    tags = [tag.strip().removeprefix("W/") for tag in (if_none_match or "").split(",")]
    return etag in tags or "*" in tags


@router.get("/model/versions", response_model=VersionsDocument, responses=declared(InvalidOptions, StoreUnavailable))
def list_versions(
    request: Request,
    limit: Annotated[int, Query(ge=1, le=100, description="Most versions on a page.")] = 20,
    before: Annotated[Version | None, Query(description="Only versions older than this one.")] = None,
) -> Response:
    """All versions, newest first, in pages."""
    registry = state_of(request.scope).registry
    page = registry.page(limit + 1, before)
    active = registry.active()
    shown = page[:limit]
    more = len(page) > limit
    answer = {
        "versions": [version.published(active=_is(version, active)) for version in shown],
        "next": f"/model/versions?limit={limit}&before={shown[-1].version}" if more else None,
    }
    return Response(orjson.dumps(answer), media_type=JSON)


@router.get(
    "/model/versions/{version}",
    response_model=ModelDocument,
    responses=declared(InvalidOptions, UnknownVersion, NotFound, StoreUnavailable),
)
def get_version(request: Request, version: VersionInPath) -> Response:
    """One version, in service or not."""
    registry = state_of(request.scope).registry
    found = registry.version(version)
    return Response(orjson.dumps(found.published(active=_is(found, registry.active()))), media_type=JSON)


@router.get(
    "/model/versions/{version}/weights",
    response_class=Response,
    responses={
        200: {"content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}},
        **declared(InvalidOptions, UnknownVersion, NotFound, StoreUnavailable),
    },
)
def get_weights(request: Request, version: VersionInPath) -> Response:
    """The weights as a safetensors file of float64 tensors, whose SHA-256 is the model's `digest`."""
    found = state_of(request.scope).registry.version(version)
    name = f"promotion-model-{found.version}.safetensors"
    return Response(
        found.weights_file,
        200,
        {"Content-Disposition": f'attachment; filename="{name}"', "ETag": f'"{found.digest}"'},
        "application/octet-stream",
    )


def _is(version: ModelVersion, active: ModelVersion | None) -> bool:
    return active is not None and version.version == active.version

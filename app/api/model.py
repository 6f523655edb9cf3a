"""GET and PUT /model, GET /model/versions: what is in service, what could be, and the weights to check it with."""

import asyncio
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Body, Header, Path, Query
from pydantic import BeforeValidator, Field, with_config
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from typing_extensions import TypedDict

from app.api.documents import ActivationsDocument, ModelDocument, Version, VersionsDocument
from app.api.options import Headers, Options
from app.api.problems import declared
from app.api.records import STRICT
from app.api.routes import BodyRoute, StrictRoute
from app.errors import (
    BodyTooLarge,
    InvalidOptions,
    InvalidRecords,
    NoModelToShow,
    NotFound,
    PreconditionFailed,
    StoreUnavailable,
    UnknownVersion,
    UnsupportedMediaType,
)
from app.registry.model_version import ModelVersion

router = APIRouter(tags=["model"], route_class=StrictRoute)
activation_router = APIRouter(tags=["model"], route_class=BodyRoute)

VersionInPath = Annotated[Version, Path(description="The version's number.")]
_JSON = "application/json"


def _whole(number: Any) -> Any:
    """JSON has one kind of number, and JSON Schema counts 2.0 as an integer."""
    return int(number) if isinstance(number, float) and number.is_integer() else number


@with_config(STRICT)
class Activation(TypedDict):
    """Which version to put into service."""

    version: Annotated[Version, BeforeValidator(_whole)]


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


@router.get(
    "/model",
    response_model=ModelDocument,
    responses={
        304: {"description": "What the caller has is still right."},
        **declared(InvalidOptions, NoModelToShow, StoreUnavailable),
    },
)
async def active_model(
    request: Request,
    if_none_match: Annotated[str | None, Header(description="The `ETag` of an earlier answer.")] = None,
) -> Response:
    """The model in service: its weights in raw units, and how it was trained.

    Answers 304 without a body when the caller's `If-None-Match` names what is in service still.
    """
    active = request.app.state.registry.active()
    if active is None:
        raise NoModelToShow("No model is active.")
    body, etag = active.in_service
    headers = {"ETag": etag, "Cache-Control": "no-cache"}
    if _names(if_none_match, etag):
        return Response(None, 304, headers)
    return Response(body, 200, headers, _JSON)


def _names(if_none_match: str | None, etag: str) -> bool:
    """RFC 9110, section 13.1.2: a list of tags, weak or not, or an asterisk."""
    tags = [tag.strip().removeprefix("W/") for tag in (if_none_match or "").split(",")]
    return etag in tags or "*" in tags


@activation_router.put(
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
    body: Annotated[Activation, Body(examples=[{"version": 1}])],
    options: Annotated[Options, Query()],  # noqa: ARG001 - that there are none is part of the contract
    headers: Annotated[ActivationHeaders, Header()],
) -> Response:
    """Put an earlier version into service (rollback), or a newer one that was only stored.

    When this has answered, every worker scores with it.
    """
    registry = request.app.state.registry
    # Only when asked: a rollback must be possible when what is in service cannot even be read.
    agreed = None if headers.if_match is None else headers.agrees
    version = await run_in_threadpool(registry.activate, body["version"], agreed)
    await asyncio.sleep(registry.settling_seconds)
    model, etag = version.in_service
    return Response(model, 200, {"ETag": etag}, _JSON)


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
    page = request.app.state.registry.activations(limit + 1, before)
    shown = page[:limit]
    answer = {
        "activations": [
            {"version": row.version, "activated_at": row.activated_at, "previous_version": row.previous_version}
            for row in shown
        ],
        "next": f"/model/activations?limit={limit}&before={shown[-1].id}" if len(page) > limit else None,
    }
    return Response(orjson.dumps(answer), media_type=_JSON)


@router.get("/model/versions", response_model=VersionsDocument, responses=declared(InvalidOptions, StoreUnavailable))
def list_versions(
    request: Request,
    limit: Annotated[int, Query(ge=1, le=100, description="Most versions on a page.")] = 20,
    before: Annotated[Version | None, Query(description="Only versions older than this one.")] = None,
) -> Response:
    """All versions, newest first, in pages."""
    registry = request.app.state.registry
    page = registry.page(limit + 1, before)
    active = registry.active()
    shown = page[:limit]
    more = len(page) > limit
    answer = {
        "versions": [version.published(active=_is(version, active)) for version in shown],
        "next": f"/model/versions?limit={limit}&before={shown[-1].version}" if more else None,
    }
    return Response(orjson.dumps(answer), media_type=_JSON)


@router.get(
    "/model/versions/{version}",
    response_model=ModelDocument,
    responses=declared(InvalidOptions, UnknownVersion, NotFound, StoreUnavailable),
)
def one_version(request: Request, version: VersionInPath) -> Response:
    """One version, in service or not."""
    registry = request.app.state.registry
    found = registry.version(version)
    return Response(orjson.dumps(found.published(active=_is(found, registry.active()))), media_type=_JSON)


@router.get(
    "/model/versions/{version}/weights",
    response_class=Response,
    responses={
        200: {"content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}},
        **declared(InvalidOptions, UnknownVersion, NotFound, StoreUnavailable),
    },
)
def weights_file(request: Request, version: VersionInPath) -> Response:
    """The weights as a safetensors file of float64 tensors, whose SHA-256 is the model's `digest`."""
    found = request.app.state.registry.version(version)
    name = f"promotion-model-{found.version}.safetensors"
    return Response(
        found.weights_file,
        200,
        {"Content-Disposition": f'attachment; filename="{name}"', "ETag": f'"{found.digest}"'},
        "application/octet-stream",
    )


def _is(version: ModelVersion, active: ModelVersion | None) -> bool:
    return active is not None and version.version == active.version

"""POST /train: past decisions in, a model version in service out, now or later."""

import asyncio
import hashlib
from collections.abc import Mapping
from contextlib import suppress
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Header, Query
from starlette.requests import Request
from starlette.responses import Response

from app.api.bodies.records import PastDecisions
from app.api.documents import ModelDocument, TrainingDocument
from app.api.http.problems import declared
from app.api.http.receiving import JSON
from app.api.http.routes import BodyRoute, Received
from app.api.http.state import State, state_of
from app.api.train_options import TrainHeaders, TrainOptions
from app.errors import (
    BodyTooLarge,
    IdempotencyKeyReused,
    InvalidOptions,
    InvalidRecords,
    RequestUnderWay,
    StoreUnavailable,
    TooBusy,
    TrainingCancelled,
    TrainingDataUnusable,
    TrainingFailed,
    UnsupportedMediaType,
)
from app.inputs import NAMES
from app.trainings.job import Job
from app.trainings.submission import Key, Submission
from app.trainings.training import Training

router = APIRouter(tags=["train"], route_class=BodyRoute)


@router.post(
    "/train",
    status_code=201,
    response_model=ModelDocument,
    response_description="The new version, stored and, unless `activate=false`, in service.",
    responses={
        201: {"headers": {"Location": {"description": "The new version.", "schema": {"type": "string"}}}},
        202: {
            "model": TrainingDocument,
            "description": "The training is on disk and goes on: because of `Prefer: respond-async`, or because it "
            "takes longer than the service lets a request wait.",
            "headers": {
                "Location": {"description": "Where to follow it.", "schema": {"type": "string"}},
                "Preference-Applied": {"description": "`respond-async`", "schema": {"type": "string"}},
            },
        },
        **declared(
            InvalidOptions,
            UnsupportedMediaType,
            BodyTooLarge,
            InvalidRecords,
            TrainingDataUnusable,
            RequestUnderWay,
            IdempotencyKeyReused,
            TrainingCancelled,
            TrainingFailed,
            TooBusy,
            StoreUnavailable,
        ),
    },
)
async def train_model(
    request: Request,
    body: Received[PastDecisions],
    options: Annotated[TrainOptions, Query()],
    headers: Annotated[TrainHeaders, Header()],
) -> Response:
    """Train a network on past decisions, as JSON or CSV, and answer when it is stored and in service.

    The training is on disk before anything else happens, and runs in a process of its own; scoring goes on meanwhile
    with the model that was active before. A caller that hangs up changes nothing: `GET /train` shows the training.
    """
    state = state_of(request.scope)
    submission = await asyncio.to_thread(_submit, request, body, options, headers)
    del body  # a caller that waits must not keep its body and its records in memory
    submission.refuse_if_under_way()
    state.worker.wake()
    training = submission.training
    if submission.accepted is not None:
        return _accepted(submission.accepted, headers)
    training = await state.worker.outcome(training, state.settings.train_wait)
    if training.ended:
        return await _answer(training, state, headers)
    if headers.idempotency_key is not None:
        with suppress(StoreUnavailable):  # the training is safe; a repeated request then waits for its end
            await asyncio.to_thread(state.queue.accept, training)
    return _accepted(training.published(), headers)


def _submit(
    request: Request, body: Received[PastDecisions], options: TrainOptions, headers: TrainHeaders
) -> Submission:
    state, key = state_of(request.scope), headers.idempotency_key
    named = None if key is None else Key(key.strip('"'), _fingerprint(body.data, options, request.headers))
    body.data = b""  # the records may be many: both are not needed together any more
    job = Job(NAMES, body.content.table, options.fit_options(), options.threshold, options.activate, options.report)
    return state.queue.submit(job, state.settings.queue_limit, named, waits=not headers.respond_async)


def _fingerprint(data: bytes, options: TrainOptions, sent: Mapping[str, str]) -> str:
    """Equal for the same request: options that mean the same, the same media type, the same bytes."""
    media_type = sent.get("content-type", JSON).partition(";")[0].strip().lower()
    digest = hashlib.sha256(f"{options.model_dump_json()}\0{media_type}\0".encode())
    digest.update(data)
    return f"sha256:{digest.hexdigest()}"


def _accepted(training: dict[str, Any], headers: TrainHeaders) -> Response:
    applied = {"Preference-Applied": "respond-async"} if headers.respond_async else {}
    location = {"Location": f"/train/{training['id']}"}
    return Response(orjson.dumps(training), 202, location | applied, JSON)


async def _answer(training: Training, state: State, headers: TrainHeaders) -> Response:
    """What a training that has ended came to. Raises its problem."""
    if training.problem is not None:
        raise training.problem
    if training.model_version is None:
        raise TrainingCancelled("The training was cancelled.")
    if training.activate:
        await asyncio.sleep(state.registry.settling_seconds)
    try:
        version = await asyncio.to_thread(state.registry.version, training.model_version)
    except StoreUnavailable:  # away just now: the training has succeeded all the same
        return _accepted(training.published(), headers)
    location = {"Location": f"/model/versions/{version.version}"}
    return Response(orjson.dumps(version.published(active=training.activate)), 201, location, JSON)

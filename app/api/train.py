"""POST /train: past decisions in, a model version in service out, now or later."""

import asyncio
import hashlib
from typing import Annotated, Any, Literal

import orjson
from fastapi import APIRouter, Body, Header, Query
from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from app.api import examples
from app.api.column_options import ColumnOptions
from app.api.documents import ModelDocument, QueuedTrainingDocument
from app.api.options import Headers
from app.api.problems import declared
from app.api.records import INPUTS, PastDecisions
from app.api.routes import BodyRoute
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
from app.network.fit import FitOptions
from app.trainings.job import Job
from app.trainings.submission import Key, accept, refuse_if_under_way, submit
from app.trainings.training import Training
from app.trainings.waiting import outcome

router = APIRouter(tags=["train"], route_class=BodyRoute)
_default = FitOptions()


class TrainOptions(ColumnOptions):
    """How to train, and what to do with the model."""

    network: Annotated[
        Literal["two_layer", "single_neuron"],
        Field(description="`two_layer`: sigmoid hidden units before the output; `single_neuron`: no hidden unit."),
    ] = _default.network
    hidden_units: Annotated[int, Field(ge=1, le=16, description="Hidden units of `two_layer`.")] = _default.hidden_units
    solver: Annotated[
        Literal["gauss_newton", "gradient_descent"],
        Field(
            description="`gauss_newton`: damped Gauss-Newton from many starts, of which the best is kept; "
            "`gradient_descent`: the plain rule w ← w − η ∂J/∂w, for teaching and for comparison."
        ),
    ] = _default.solver
    learning_rate: Annotated[
        float, Field(gt=0, le=1000, allow_inf_nan=False, description="η of `gradient_descent`.")
    ] = _default.learning_rate
    epochs: Annotated[int, Field(ge=1, le=100_000, description="Steps of `gradient_descent`, each over all rows.")] = (
        _default.epochs
    )
    max_iterations: Annotated[
        int, Field(ge=1, le=10_000, description="Most steps of `gauss_newton` over all rows.")
    ] = _default.max_iterations
    alpha: Annotated[
        float,
        Field(
            ge=0,
            le=1000,
            allow_inf_nan=False,
            description="Strength of the penalty alpha/(2n)·Σ weights², as scikit-learn's MLPClassifier has it.",
        ),
    ] = _default.alpha
    seed: Annotated[
        int, Field(ge=0, le=2**32 - 1, description="Same records, options and seed: same weights, bit for bit.")
    ] = _default.seed
    starts: Annotated[
        int | None,
        Field(
            ge=1,
            le=1024,
            description="Starting points of `gauss_newton`; the best result is kept. Default: 128; below 2,048 "
            "records and with few hidden units as many more as cost the same, at most 1,024.",
        ),
    ] = _default.starts
    threshold: Annotated[
        float, Field(ge=0, le=1, allow_inf_nan=False, description="Promote from this probability on.")
    ] = 0.5
    activate: Annotated[bool, Field(description="Put the new version into service; false only stores it.")] = True

    def fit_options(self) -> FitOptions:
        """Those of them that the mathematics takes."""
        return FitOptions(**{name: getattr(self, name) for name in FitOptions.__dataclass_fields__})


class TrainHeaders(Headers):
    """When to answer, and how to repeat a request safely."""

    prefer: Annotated[
        str | None,
        Field(description="`respond-async` (RFC 7240): answer 202 as soon as the training is on disk, do not wait."),
    ] = None
    idempotency_key: Annotated[
        str | None,
        Field(
            pattern=r'^("[\x20\x21\x23-\x7e]{1,255}"|[\x21\x23-\x7e]{1,255})$',
            description="A name of the caller's for this request, such as a UUID. The same request again with the same "
            "key, within 24 hours, makes no second training and gets the answer of the first.",
        ),
    ] = None

    @property
    def respond_async(self) -> bool:
        """Whether the caller prefers not to wait; unknown preferences are ignored, as RFC 7240 has it."""
        return "respond-async" in [one.partition(";")[0].strip().lower() for one in (self.prefer or "").split(",")]


@router.post(
    "/train",
    status_code=201,
    response_model=ModelDocument,
    response_description="The new version, stored and, unless `activate=false`, in service.",
    responses={
        201: {"headers": {"Location": {"description": "The new version.", "schema": {"type": "string"}}}},
        202: {
            "model": QueuedTrainingDocument,
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
    openapi_extra={
        "requestBody": {
            "content": {
                "text/csv": {
                    "schema": {"type": "string"},
                    "example": examples.as_csv(examples.PAST_DECISIONS),
                }
            }
        }
    },
)
async def train_model(
    request: Request,
    body: Annotated[PastDecisions, Body(examples=[examples.PAST_DECISIONS])],
    options: Annotated[TrainOptions, Query()],
    headers: Annotated[TrainHeaders, Header()],
) -> Response:
    """Train a network on past decisions, as JSON or CSV, and answer when it is stored and in service.

    The training is on disk before anything else happens, and runs in a process of its own; scoring goes on meanwhile
    with the model that was active before. A caller that hangs up changes nothing: `GET /train` shows the training.
    """
    state = request.app.state
    job = Job(INPUTS, body.inputs, body.targets, options.fit_options(), options.threshold, options.activate)
    data = request.scope.pop("body")
    key = None if headers.idempotency_key is None else await asyncio.to_thread(_key, headers, request, data, options)
    submission = await asyncio.to_thread(submit, state.store, job, state.settings.queue_limit, key)
    state.worker.wake()
    if submission.accepted is not None:
        return _accepted(submission.accepted, headers)
    training = await asyncio.to_thread(state.queue.training, submission.training_id)
    refuse_if_under_way(submission, training)
    if not headers.respond_async:
        training = await outcome(state.queue, state.worker, training, state.settings.train_wait)
    if not training.ended:
        return _accepted(await asyncio.to_thread(accept, state.store, training), headers)
    return await _answer(training, state)


def _key(headers: TrainHeaders, request: Request, data: bytes, options: TrainOptions) -> Key:
    """The same key quoted or not; the same request when the options mean the same and the body's bytes are equal."""
    assert headers.idempotency_key is not None
    digest = hashlib.sha256(options.model_dump_json().encode())
    digest.update(request.headers.get("content-type", "").encode() + b"\0")
    digest.update(data)
    return Key(headers.idempotency_key.strip('"'), f"sha256:{digest.hexdigest()}")


def _accepted(training: dict[str, Any], headers: TrainHeaders) -> Response:
    applied = {"Preference-Applied": "respond-async"} if headers.respond_async else {}
    location = {"Location": f"/train/{training['id']}"}
    return Response(orjson.dumps(training), 202, location | applied, "application/json")


async def _answer(training: Training, state: Any) -> Response:
    """What a training that has ended came to. Raises its problem."""
    if training.problem is not None:
        raise training.problem
    if training.model_version is None:
        raise TrainingCancelled("The training was cancelled.")
    if training.activate:
        await asyncio.sleep(state.registry.settling_seconds)
    version = await asyncio.to_thread(state.registry.version, training.model_version)
    headers = {"Location": f"/model/versions/{version.version}"}
    return Response(orjson.dumps(version.published(active=training.activate)), 201, headers, "application/json")

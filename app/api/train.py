"""POST /train: past decisions in, a model version in service out."""

from typing import Annotated, Literal

import orjson
from fastapi import APIRouter, Body, Query
from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from app.api import examples
from app.api.column_options import ColumnOptions
from app.api.documents import ModelDocument
from app.api.problems import declared
from app.api.records import INPUTS, PastDecisions
from app.api.routes import BodyRoute
from app.errors import (
    BodyTooLarge,
    InvalidOptions,
    InvalidRecords,
    StoreUnavailable,
    TrainingDataUnusable,
    TrainingFailed,
    UnsupportedMediaType,
)
from app.network.fit import FitOptions
from app.trainings.train import Job, train

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


@router.post(
    "/train",
    status_code=201,
    response_model=ModelDocument,
    response_description="The new version, stored and, unless `activate=false`, in service.",
    responses=declared(
        InvalidOptions,
        UnsupportedMediaType,
        BodyTooLarge,
        InvalidRecords,
        TrainingDataUnusable,
        TrainingFailed,
        StoreUnavailable,
    ),
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
) -> Response:
    """Train a network on past decisions, as JSON or CSV, and answer when it is stored and in service.

    The training runs in a process of its own; scoring goes on meanwhile with the model that was active before. A
    caller that hangs up changes nothing: the model appears in `GET /model/versions` all the same.
    """
    state = request.app.state
    job = Job(INPUTS, body.inputs, body.targets, options.fit_options(), options.threshold, options.activate)
    try:
        number = await train(job, state.store, state.runner)
    except Exception:
        state.metrics.training_ended("failed")
        raise
    state.metrics.training_ended("succeeded")
    version = state.registry.version(number)
    model = version.published(active=options.activate)
    return Response(
        orjson.dumps(model),
        201,
        {"Location": f"/model/versions/{number}"},
        "application/json",
    )

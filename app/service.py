"""Wires the service: settings, store, registry, trainings and the HTTP interface. The only place that does."""

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from importlib.metadata import version

from fastapi import FastAPI
from pydantic import ValidationError
from starlette.responses import Response
from starlette.types import Scope
from uvicorn.config import STARTUP_FAILURE

from app.api import documentation, health, metrics, model, model_activation, predict, samples, train, trainings
from app.api.audit import endpoint as audit
from app.api.fast_predict import FastPredict
from app.api.http import problems
from app.api.http.application import Application, routes_of
from app.api.http.batches import Batches
from app.api.http.compression import PackedAnswers
from app.api.http.hot_endpoints import HotEndpoints
from app.api.http.observation import Observation
from app.api.http.routes import BodyRoute
from app.api.http.state import State
from app.api.http.telemetry import log
from app.api.http.telemetry.metering import Metrics
from app.api.http.telemetry.request_log import RequestLog
from app.api.open_inference import errors as open_inference
from app.api.open_inference import infer, server
from app.errors import CannotStart, Problem, StoreUnavailable
from app.registry.registry import Registry
from app.settings import Settings
from app.stop_signals import on_stop
from app.store.open import open_store
from app.trainings.claims import Claims
from app.trainings.worker import Worker

DESCRIPTION = """\
Train a small, fully explained neural network on past promotion decisions, and score employees with it.

Start with **POST /train**: press *Try it out*, then *Execute*. Then **POST /predict** scores, and **GET /model** shows
the weights. Every error is a problem document (RFC 9457) that names the place and never repeats a value.
"""

ROUTERS = (
    train.router,
    trainings.router,
    predict.router,
    audit.router,
    model.router,
    model_activation.router,
    model_activation.body_router,
    server.router,
    infer.router,
    problems.router,
    health.router,
    metrics.router,
    samples.router,
    documentation.router,
)


def create_app(settings: Settings | None = None) -> Application:
    """The application. Nothing is read or written before it starts."""
    read_from_bytes = routes_of(ROUTERS, BodyRoute)
    (scoring,) = (route for route in read_from_bytes if route.path == "/predict")
    app = Application(
        # What a request passes, from the outside to the inside. Then it comes to FastAPI's own middleware and router.
        front_door=[
            # Its id, its line in the log, its duration in the metrics, and an answer whatever happens.
            partial(Observation, answer=_answer),
            # One employee as JSON.
            partial(FastPredict, route=scoring),
            # Large answers in gzip, for whoever takes it.
            PackedAnswers,
            # Every other body.
            partial(HotEndpoints, routes=read_from_bytes),
        ],
        lifespan=partial(_lifespan, settings=settings or _settings()),
        title="Promotion scoring",
        version=version("promotion-scoring"),
        description=DESCRIPTION,
        docs_url=None,
        redoc_url=None,
        # FastAPI's own telemetry would put exception messages and validated values, personal data, into its signals;
        # Observation says what may be said.
        telemetry={"tracing": False, "metrics": False, "logs": False},
    )
    problems.Handlers(_answer).install(app)
    app.add_exception_handler(trainings.NothingMore, trainings.nothing_more)
    for router in ROUTERS:
        app.include_router(router)
    app.router.routes.append(documentation.assets)
    return app


def _answer(problem: Problem, scope: Scope) -> Response:
    """An error as the answer to the request of this scope: the Open Inference Protocol has a form of its own."""
    form = open_inference.answer if open_inference.is_asked_for(scope) else problems.answer
    return form(problem, scope)


def _settings() -> Settings:
    """The settings of the environment. Ends the process when one of them is wrong."""
    try:
        return Settings()
    except ValidationError as error:
        wrong = [f"PROMOTION_{'_'.join(map(str, fault['loc'])).upper()}: {fault['msg']}" for fault in error.errors()]
        print(f"promotion-scoring cannot start: {'; '.join(wrong)}.", file=sys.stderr, flush=True)
        sys.exit(STARTUP_FAILURE)  # after any other exit code uvicorn starts a worker again, for ever


@asynccontextmanager
async def _lifespan(app: FastAPI, settings: Settings) -> AsyncIterator[None]:
    """The state of the running service, from its start to its stop."""
    logger, counted = log.configure(), Metrics()
    url = settings.database_url
    try:
        store = open_store(settings.data_dir, None if url is None else str(url.get_secret_value()))
        registry = Registry(store)
    except CannotStart as error:
        print(f"promotion-scoring cannot start: {error}", file=sys.stderr, flush=True)
        raise
    try:
        registry.active()  # the first score shall not wait for it
    except StoreUnavailable as damaged:  # PUT /model must be able to put another version into its place
        logger.error("the model in service cannot be used", reason=damaged.detail)
    claims = Claims(
        store,
        slots=settings.trainings_at_once,
        lease_seconds=settings.training_lease,
        keep_failed=settings.keep_failed_records,
    )
    worker = Worker(
        claims,
        logger,
        lease_seconds=settings.training_lease,
        grace_seconds=settings.shutdown_grace,
        ended=counted.training_ended,
    )
    batches = Batches()
    app.state = State(settings, logger, RequestLog(), store, registry, counted, batches, claims, worker)  # type: ignore[assignment]
    with on_stop(worker.stop):
        yield
    await worker.stopped()
    await batches.close()
    registry.close()
    store.close()

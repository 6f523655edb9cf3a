"""Wires the service: settings, store, registry, runner and the HTTP interface."""

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import version
from types import SimpleNamespace

from fastapi import FastAPI
from pydantic import ValidationError
from starlette.middleware.gzip import GZipMiddleware
from starlette.types import ASGIApp

from app.api import documentation, health, metrics, model, predict, samples, train, trainings
from app.api import model_activation as activation
from app.api.audit import endpoint as audit
from app.api.fast_predict import FastPredict
from app.api.http import log, problems
from app.api.http.batches import Batches
from app.api.http.compression import COMPRESSION_LEVEL
from app.api.http.fast_dispatch import FastDispatch
from app.api.http.observation import Observation
from app.api.http.request_log import RequestLog
from app.api.http.routes import BodyRoute
from app.api.open_inference import infer as inference
from app.api.open_inference import server as inference_server
from app.errors import CannotStart
from app.registry.registry import Registry
from app.settings import Settings
from app.stop_signals import on_stop
from app.store.open import open_store
from app.trainings.queue import Queue
from app.trainings.worker import Worker

DESCRIPTION = """\
Train a small, fully explained neural network on past promotion decisions, and score employees with it.

Start with **POST /train**: press *Try it out*, then *Execute*. Then **POST /predict** scores, and **GET /model** shows
the weights. Every error is a problem document (RFC 9457) that names the place and never repeats a value.
"""


class Service(FastAPI):
    """FastAPI with the observation of requests around it, and the hot endpoints in front of its own middleware."""

    def build_middleware_stack(self) -> ASGIApp:
        """Observation, the hot endpoints, then everything that FastAPI does; large answers packed for who asks."""
        routers = (train.router, predict.router, inference.router)
        hot = [route for router in routers for route in router.routes if isinstance(route, BodyRoute)]
        (scoring,) = (route for route in hot if route.path == "/predict")
        rest = GZipMiddleware(
            FastDispatch(super().build_middleware_stack(), hot),
            minimum_size=1024,
            compresslevel=COMPRESSION_LEVEL,
            exclude_content_types=("text/event-stream",),  # the only one of Starlette's list of 14 that is served often
        )
        return Observation(FastPredict(rest, scoring))


def create_app(settings: Settings | None = None) -> FastAPI:
    """The application. Nothing is read or written before it starts."""
    app = Service(
        title="Promotion scoring",
        version=version("promotion-scoring"),
        description=DESCRIPTION,
        docs_url=None,
        redoc_url=None,
        lifespan=_lifespan,
        # FastAPI's own telemetry would put exception messages and validated values, personal data, into its signals;
        # Observation says what may be said.
        telemetry={"tracing": False, "metrics": False, "logs": False},
    )
    # A plain namespace: Starlette's State takes half a microsecond an attribute, and a score asks for four.
    app.state = SimpleNamespace(settings=settings or _settings())  # type: ignore[assignment]
    problems.install(app)
    app.add_exception_handler(trainings.NothingMore, trainings.nothing_more)
    for router in (
        train.router,
        trainings.router,
        predict.router,
        audit.router,
        model.router,
        activation.router,
        activation.body_router,
        inference_server.router,
        inference.router,
        problems.router,
        health.router,
        metrics.router,
        samples.router,
        documentation.router,
    ):
        app.include_router(router)
    app.router.routes.append(documentation.assets)
    return app


def _settings() -> Settings:
    """The settings of the environment. Ends the process when one of them is wrong."""
    try:
        return Settings()
    except ValidationError as error:
        wrong = [f"PROMOTION_{'_'.join(map(str, fault['loc'])).upper()}: {fault['msg']}" for fault in error.errors()]
        sys.exit(f"promotion-scoring cannot start: {'; '.join(wrong)}.")


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    state, settings = app.state, app.state.settings
    state.log, state.request_log = log.configure(), RequestLog()
    url = settings.database_url
    try:
        state.store = open_store(settings.data_dir, None if url is None else str(url.get_secret_value()))
        state.registry = Registry(state.store)
    except CannotStart as error:
        print(f"promotion-scoring cannot start: {error}", file=sys.stderr, flush=True)
        raise
    state.registry.active()
    state.metrics, state.batches = metrics.Metrics(), Batches()
    state.queue = Queue(
        state.store,
        slots=settings.trainings_at_once,
        lease_seconds=settings.training_lease,
        keep_failed=settings.keep_failed_records,
    )
    state.worker = Worker(
        state.queue,
        state.log,
        lease_seconds=settings.training_lease,
        grace_seconds=settings.shutdown_grace,
        ended=state.metrics.training_ended,
    )
    with on_stop(state.worker.stop):
        yield
    await state.worker.stopped()
    await state.batches.close()
    state.registry.close()
    state.store.close()

"""What Prometheus scrapes. Right under several workers too: they share their numbers through files.

uvicorn's workers are processes spawned by one parent, which passes its random `authkey` on to each of them: that names
a directory that is theirs alone. prometheus-client reads PROMETHEUS_MULTIPROC_DIR when it is imported, so it is set
here, before. Under another process manager, set it yourself, as prometheus-client's documentation says.
"""

import hashlib
import multiprocessing
import os
import tempfile
from contextlib import suppress
from pathlib import Path

_DIRECTORY = "PROMETHEUS_MULTIPROC_DIR"
if multiprocessing.parent_process() is not None:
    _family = hashlib.sha256(multiprocessing.current_process().authkey).hexdigest()[:16]
    os.environ.setdefault(_DIRECTORY, str(Path(tempfile.gettempdir()) / f"promotion-metrics-{_family}"))

from fastapi import APIRouter  # noqa: E402
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, disable_created_metrics, generate_latest  # noqa: E402
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4  # noqa: E402
from prometheus_client.multiprocess import MultiProcessCollector  # noqa: E402
from starlette.requests import Request  # noqa: E402
from starlette.responses import Response  # noqa: E402

from app.api.http.problems import declared  # noqa: E402
from app.api.http.routes import StrictRoute  # noqa: E402
from app.errors import InvalidOptions, StoreUnavailable  # noqa: E402
from app.trainings.states import ENDS, State  # noqa: E402

router = APIRouter(tags=["operations"], route_class=StrictRoute)

_BUCKETS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)


disable_created_metrics()  # type: ignore[no-untyped-call]


class Metrics:
    """The numbers of one service process."""

    def __init__(self) -> None:
        self._shared = os.environ.get(_DIRECTORY)
        if self._shared:
            Path(self._shared).mkdir(parents=True, exist_ok=True)
        self._registry = CollectorRegistry()
        self._duration = Histogram(
            "promotion_request_duration_seconds",
            "Time from a request's first byte to its answer's last, by route and status.",
            ("method", "route", "status"),
            buckets=_BUCKETS,
            registry=self._registry,
        )
        self._trainings = Counter(
            "promotion_trainings", "Trainings that ended, by outcome.", ("outcome",), registry=self._registry
        )
        for outcome in ENDS:
            self._trainings.labels(outcome)
        self._active = Gauge(
            "promotion_active_model_version",
            "The model version in service; 0 before the first.",
            registry=self._registry,
            multiprocess_mode="mostrecent",
        )
        self._queued = Gauge(
            "promotion_trainings_queued",
            "Trainings that wait their turn.",
            registry=self._registry,
            multiprocess_mode="mostrecent",
        )
        self._durations: dict[tuple[str, str, int], Histogram] = {}

    def request_answered(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count one request."""
        key = (method, route, status)
        duration = self._durations.get(key)
        if duration is None:
            duration = self._durations[key] = self._duration.labels(method, route, str(status))
        duration.observe(seconds)

    def training_ended(self, outcome: State) -> None:
        """Count one training."""
        self._trainings.labels(outcome).inc()

    def exposition(self, active_version: int | None, queued: int | None) -> bytes:
        """Everything, in Prometheus's text format. None for what is not known now: the last value stays."""
        self._active.set(active_version or 0)
        if queued is not None:
            self._queued.set(queued)
        if not self._shared:
            return generate_latest(self._registry)
        gathered = CollectorRegistry()
        MultiProcessCollector(gathered, self._shared)  # type: ignore[no-untyped-call]
        return generate_latest(gathered)


@router.get(
    "/metrics",
    response_class=Response,
    responses={
        200: {"content": {"text/plain": {"schema": {"type": "string"}}}},
        **declared(InvalidOptions, StoreUnavailable),
    },
)
def metrics(request: Request) -> Response:
    """Request durations by route and status, trainings by outcome, those that wait, the version in service."""
    state = request.app.state
    active, queued = state.registry.active(), None
    with suppress(StoreUnavailable):  # what is counted in this process can be told all the same
        queued = state.queue.length()
    exposition = state.metrics.exposition(None if active is None else active.version, queued)
    return Response(exposition, media_type=CONTENT_TYPE_PLAIN_0_0_4)

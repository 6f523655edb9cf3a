"""What is counted for Prometheus. It is right under several workers too: they share their numbers through files, in the
directory that app/shared_metrics.py has chosen.
"""

import os
from pathlib import Path

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, disable_created_metrics, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

from app.shared_metrics import DIRECTORY
from app.trainings.states import ENDS, State

_BUCKETS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)


disable_created_metrics()  # type: ignore[no-untyped-call]


class Metrics:
    """The numbers of one service process."""

    def __init__(self) -> None:
        self._shared = os.environ.get(DIRECTORY)
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

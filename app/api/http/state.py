"""What one service process holds while it runs. Every endpoint finds it through its request's scope.

The process for large bodies imports this too, and has none of it: the types are imported for the type checker alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from starlette.types import Scope

if TYPE_CHECKING:
    from structlog.typing import FilteringBoundLogger

    from app.api.http.batches import Batches
    from app.api.http.telemetry.metering import Metrics
    from app.api.http.telemetry.request_log import RequestLog
    from app.registry.registry import Registry
    from app.settings import Settings
    from app.store.database import Store
    from app.trainings.queue import Queue
    from app.trainings.worker import Worker


@dataclass(slots=True)
class State:
    """Made when the service starts, by app/service.py."""

    settings: Settings
    log: FilteringBoundLogger
    request_log: RequestLog
    store: Store
    registry: Registry
    metrics: Metrics
    batches: Batches
    queue: Queue
    worker: Worker


def state_of(scope: Scope) -> State:
    """The state of the service that a request has reached."""
    state: State = scope["app"].state
    return state

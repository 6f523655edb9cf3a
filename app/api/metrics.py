"""GET /metrics: what Prometheus scrapes."""

from contextlib import suppress

from fastapi import APIRouter
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from starlette.requests import Request
from starlette.responses import Response

from app.api.http.problems import declared
from app.api.http.routes import StrictRoute
from app.api.http.state import state_of
from app.errors import InvalidOptions, StoreUnavailable

router = APIRouter(tags=["operations"], route_class=StrictRoute)


@router.get(
    "/metrics",
    response_class=Response,
    responses={
        200: {"content": {"text/plain": {"schema": {"type": "string"}}}},
        **declared(InvalidOptions, StoreUnavailable),
    },
)
def get_metrics(request: Request) -> Response:
    """Request durations by route and status, trainings by outcome, those that wait, the version in service."""
    state = state_of(request.scope)
    active, queued = state.registry.active(), None
    with suppress(StoreUnavailable):  # what is counted in this process can be told all the same
        queued = state.queue.length()
    exposition = state.metrics.exposition(None if active is None else active.version, queued)
    return Response(exposition, media_type=CONTENT_TYPE_PLAIN_0_0_4)

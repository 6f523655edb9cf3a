"""GET /train and /train/{id}, its events, DELETE /train/{id}: trainings while they wait, run, and afterwards."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Annotated

import orjson
from fastapi import APIRouter, Depends, Header, Path, Query
from fastapi.sse import EventSourceResponse, ServerSentEvent
from starlette.requests import Request
from starlette.responses import Response

from app.api.documents import TrainingDocument, TrainingsDocument
from app.api.http.problems import declared
from app.api.http.receiving import JSON
from app.api.http.routes import StrictRoute
from app.api.http.state import state_of
from app.errors import InvalidOptions, StoreUnavailable, TrainingEnded, UnknownTraining
from app.trainings.states import State

router = APIRouter(tags=["train"], route_class=StrictRoute)

TrainingId = Annotated[str, Path(description="The training's id.", examples=["0f8fad5bd9cb469fa16570867728950e"])]
EVENTS = {
    # No type: in OpenAPI 3.1 some take the schema for that of the whole text, some for that of each event.
    "description": "Server-sent events, as the HTML standard defines them. Each has `id`, `event` and `data`. The data "
    "are a JSON object: with the event `progress` how far the training is, with `end` the training.",
}
_NUMBER = re.compile("[0-9]+")
FOLLOW_SECONDS = 0.25
"""How often the database is asked for news of a training that somebody follows."""


class NothingMore(Exception):
    """The caller has seen the last event: 204, which tells an EventSource not to come back."""


async def nothing_more(_: Request, __: Exception) -> Response:
    """The answer to a follower that has seen everything."""
    return Response(None, 204)


@router.get(
    "/train",
    response_model=TrainingsDocument,
    responses=declared(InvalidOptions, UnknownTraining, StoreUnavailable),
)
def list_trainings(
    request: Request,
    limit: Annotated[int, Query(ge=1, le=100, description="Most trainings on a page.")] = 20,
    before: Annotated[
        str | None, Query(pattern="^[0-9a-f]{32}$", description="Only trainings submitted before the one of this id.")
    ] = None,
) -> Response:
    """All trainings, newest first, in pages."""
    page = state_of(request.scope).queue.page(limit + 1, before)
    shown = page[:limit]
    answer = {
        "trainings": [training.published() for training in shown],
        "next": f"/train?limit={limit}&before={shown[-1].id}" if len(page) > limit else None,
    }
    return Response(orjson.dumps(answer), media_type=JSON)


@router.get(
    "/train/{training_id}",
    response_model=TrainingDocument,
    responses=declared(InvalidOptions, UnknownTraining, StoreUnavailable),
)
def get_training(request: Request, training_id: TrainingId) -> Response:
    """One training: its state, its place in the queue, how far it is, and what it came to."""
    return Response(orjson.dumps(state_of(request.scope).queue.training(training_id).published()), media_type=JSON)


@router.delete(
    "/train/{training_id}",
    response_model=TrainingDocument,
    responses=declared(InvalidOptions, UnknownTraining, TrainingEnded, StoreUnavailable),
)
def cancel_training(request: Request, training_id: TrainingId) -> Response:
    """Cancel a training. One that waits never starts; one that runs stops within a second. Its records are deleted."""
    state = state_of(request.scope)
    training = state.queue.cancel(training_id)
    state.metrics.training_ended(State.CANCELLED)
    return Response(orjson.dumps(training.published()), media_type=JSON)


async def _place_to_begin(
    request: Request,
    training_id: TrainingId,
    last_event_id: Annotated[
        str | None, Header(description="The id of the last event that the caller has seen; it goes on behind it.")
    ] = None,
) -> int:
    """The number of the last event that the caller has seen. Raises UnknownTraining and NothingMore."""
    queue = state_of(request.scope).queue
    training = await asyncio.to_thread(queue.training, training_id)
    newest: int = await asyncio.to_thread(queue.newest_progress, training_id)
    # int refuses more than 4,300 digits.
    seen = int(last_event_id[:18]) if last_event_id and _NUMBER.fullmatch(last_event_id) else 0
    if training.ended and seen == newest + 1:
        raise NothingMore
    return min(seen, newest)


@router.get(
    "/train/{training_id}/events",
    response_class=EventSourceResponse,
    responses={
        200: {
            "description": "The events, in the order in which they came.",
            "content": {EventSourceResponse.media_type: {"schema": EVENTS}},
        },
        204: {"description": "The caller's `Last-Event-ID` is that of the last event: nothing more will come."},
        **declared(InvalidOptions, UnknownTraining, StoreUnavailable),
    },
)
async def follow_training(
    request: Request, training_id: TrainingId, seen: Annotated[int, Depends(_place_to_begin)]
) -> AsyncIterator[ServerSentEvent]:
    """Follow a training: server-sent events `progress`, each with how far it is, and last `end` with the training.
    Where its process died, the next attempt begins at nothing again.

    Every worker sends the same events with the same ids. When the service is stopped, the stream ends without `end`;
    a caller that comes back with `Last-Event-ID` misses nothing.
    """
    state = state_of(request.scope)
    while not state.worker.stopping.is_set():
        with suppress(StoreUnavailable):  # away for a moment: nothing is missed by that
            training = await asyncio.to_thread(state.queue.training, training_id)
            for number, progress in await asyncio.to_thread(state.queue.progress_after, training_id, seen):
                yield ServerSentEvent(event="progress", id=str(number), data=progress)
                seen = number
            if training.ended:
                yield ServerSentEvent(event="end", id=str(seen + 1), data=training.published())
                return
        await asyncio.sleep(FOLLOW_SECONDS)

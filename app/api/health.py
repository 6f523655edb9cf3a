"""Whether the process lives, and whether it can answer."""

from fastapi import APIRouter
from starlette.requests import Request
from typing_extensions import TypedDict

from app.api.http.problems import declared
from app.api.http.routes import StrictRoute
from app.api.http.state import state_of
from app.errors import InvalidOptions, StoreUnavailable

router = APIRouter(tags=["operations"], route_class=StrictRoute)


class Alive(TypedDict):
    """The process answers."""

    alive: bool


class Ready(TypedDict):
    """The store answers. `model_version` is the one in service, null before the first training."""

    ready: bool
    model_version: int | None


@router.get("/livez", response_model=Alive, responses=declared(InvalidOptions))
async def is_alive() -> Alive:
    """200 while the process lives."""
    return {"alive": True}


@router.get("/readyz", response_model=Ready, responses=declared(InvalidOptions, StoreUnavailable))
def is_ready(request: Request) -> Ready:
    """200 when the store answers, also before the first training."""
    state = state_of(request.scope)
    state.store.ping()
    active = state.registry.active()
    return {"ready": True, "model_version": None if active is None else active.version}

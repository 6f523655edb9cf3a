"""FastAPI behind a front door: a list of what a request passes before FastAPI's own middleware and router see it."""

from collections.abc import Callable, Sequence
from typing import Any, NoReturn

from fastapi import APIRouter, FastAPI
from fastapi.routing import APIRoute
from starlette.routing import BaseRoute, Mount
from starlette.types import ASGIApp

from app.api.http import contract
from app.api.http.state import State

_BELONGS = (
    "it would be skipped by the endpoints that are answered before. It belongs into the front door, in app/service.py"
)


class Application(FastAPI):
    """`front_door`: from the outside to the inside, functions that each put an ASGI application around another.

    What FastAPI offers beside it would hold for some endpoints and be skipped by others. So it is refused with a
    TypeError when the application is built: middleware, and dependencies of the application and of routers.
    """

    state: State  # type: ignore[assignment]

    def __init__(self, *, front_door: Sequence[Callable[[ASGIApp], ASGIApp]], **declared: Any) -> None:
        self._front_door = front_door
        super().__init__(generate_unique_id_function=contract.operation_id, **declared)
        if self.user_middleware or self.router.dependencies:
            raise TypeError(f"A middleware or a dependency of the application: {_BELONGS}.")

    def build_middleware_stack(self) -> ASGIApp:
        """The front door, then everything that FastAPI does."""
        inner = super().build_middleware_stack()
        for layer in reversed(self._front_door):
            inner = layer(inner)
        return inner

    def add_middleware(self, middleware_class: Any, *_: Any, **__: Any) -> NoReturn:
        """Refused. Raises TypeError."""
        raise TypeError(f"The middleware {middleware_class.__name__}: {_BELONGS}.")

    def include_router(self, router: APIRouter, **declared: Any) -> None:
        """As FastAPI does it. Raises TypeError for dependencies, and for routers in routers, which may have some."""
        if declared.get("dependencies") or router.dependencies:
            raise TypeError(f"A dependency of a router: {_BELONGS}.")
        if not all(isinstance(route, APIRoute | Mount) for route in router.routes):
            raise TypeError("A router in a router: include it in app/service.py.")
        super().include_router(router, **declared)

    def openapi(self) -> dict[str, Any]:
        """The contract."""
        if self.openapi_schema is None:
            self.openapi_schema = contract.completed(super().openapi())
        return self.openapi_schema


def routes_of(routers: Sequence[APIRouter], kind: type[BaseRoute]) -> list[Any]:
    """The routes of that kind."""
    return [route for router in routers for route in router.routes if isinstance(route, kind)]

"""What a request passes before FastAPI, and what is refused because it would be skipped there."""

from typing import Annotated

import pytest
from fastapi import APIRouter, Depends, FastAPI, Query
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from app.api import health
from app.api.bodies.records import Employees, PastDecisions
from app.api.http.application import Application
from app.api.http.options import Options
from app.api.http.routes import BodyRoute, Received
from app.api.http.scoring_route import Answering, ScoringRoute
from app.service import create_app


def who() -> str:
    """What would be asked of every request."""
    raise AssertionError


def test_a_middleware_is_refused():
    app = create_app()
    with pytest.raises(TypeError, match=r"GZipMiddleware: it would be skipped .* app/service.py"):
        app.add_middleware(GZipMiddleware)
    with pytest.raises(TypeError, match="front door"):
        app.middleware("http")(who)


@pytest.mark.parametrize("declared", [{"middleware": [GZipMiddleware]}, {"dependencies": [Depends(who)]}])
def test_what_the_application_is_given_is_refused(declared):
    FastAPI(dependencies=[Depends(who)])
    with pytest.raises(TypeError, match="front door"):
        Application(front_door=[], **declared)


def test_dependencies_of_routers_are_refused():
    app, own, nested = create_app(), APIRouter(dependencies=[Depends(who)]), APIRouter()
    nested.include_router(health.router)
    with pytest.raises(TypeError, match="front door"):
        app.include_router(health.router, dependencies=[Depends(who)])
    with pytest.raises(TypeError, match="front door"):
        app.include_router(own)
    with pytest.raises(TypeError, match=r"router in a router.*app/service.py"):
        app.include_router(nested)


def train(request: Request, body: Received[PastDecisions], options: Annotated[Options, Query()]) -> Response:
    """Takes a body."""
    raise AssertionError(request, body, options)


def train_as_somebody(
    request: Request,
    body: Received[PastDecisions],
    options: Annotated[Options, Query()],
    user: Annotated[str, Depends(who)],
) -> Response:
    """Takes a body, and would like to know whose it is."""
    raise AssertionError(request, body, options, user)


def predict(request: Request, options: Annotated[Options, Query()]) -> Answering[Employees]:
    """Says how to answer."""
    raise AssertionError(request, options)


def test_a_dependency_of_an_endpoint_that_reads_bytes_is_refused():
    for route, endpoint in ((BodyRoute, train), (ScoringRoute, predict)):
        route("/hot", endpoint, methods=["POST"])
        with pytest.raises(TypeError, match=r"^/hot is answered before .* front door"):
            route("/hot", endpoint, methods=["POST"], dependencies=[Depends(who)])
        with pytest.raises(TypeError, match="front door"):
            APIRouter(route_class=route, dependencies=[Depends(who)]).post("/hot")(endpoint)
    with pytest.raises(TypeError, match="front door"):
        BodyRoute("/hot", train_as_somebody, methods=["POST"])


def test_a_route_declares_the_kind_that_its_endpoint_takes():
    assert BodyRoute("/train", train, methods=["POST"]).kind is PastDecisions
    assert ScoringRoute("/predict", predict, methods=["POST"]).kind is Employees


def test_the_front_door_is_passed_from_top_to_bottom(portal):
    passed = []

    def layer(name):
        def around(app):
            async def through(scope, receive, send):
                passed.append(name)
                await app(scope, receive, send)

            return through

        return around

    app = Application(front_door=[layer("first"), layer("second")], openapi_url=None)
    app.add_route("/", lambda _: PlainTextResponse("here"))

    async def ask():
        async def receive():
            return {"type": "http.request", "body": b""}

        async def send(message):
            passed.append(message["type"])

        scope = {"type": "http", "method": "GET", "path": "/", "headers": [], "query_string": b"", "root_path": ""}
        await app(scope, receive, send)

    portal.call(ask)
    assert passed == ["first", "second", "http.response.start", "http.response.body"]

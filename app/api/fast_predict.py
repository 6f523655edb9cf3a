"""The commonest request, one employee as JSON, answered before anything is made of it, explained if that is wanted.

Everything that this file has doubts about, whatever is wrong included, goes on to the ordinary route with its message:
that one alone knows how to refuse. What is answered here the ordinary route would have answered with the same bytes
(tests/api/test_fast_predict.py holds the two equal). What it saves is half of the time of a score over HTTP: the
Request, the columns, arrays of one row and the Response.
"""

from functools import lru_cache
from typing import Any

from msgspec import UNSET
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.api.bodies.json_fast import inputs_of, plain_employees
from app.api.explanations.explaining import explained_score
from app.api.http.options import read_options
from app.api.http.routes import BodyRoute
from app.api.http.state import state_of
from app.api.json_answer import write_explained_json, write_json
from app.api.predict import PredictOptions
from app.errors import InvalidOptions
from app.network.one import score_one
from app.registry.model_version import ModelVersion

_JSON = (b"content-type", b"application/json")
_LONGEST = 4096
"""Bytes. An employee needs a hundred; the id may be two hundred characters."""
_OBJECTS = 2
"""Of a body with one employee: the body and the employee."""


class FastPredict:
    """In front of HotEndpoints."""

    def __init__(self, app: ASGIApp, route: BodyRoute) -> None:
        self._app = app
        self._route = route

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer it, or hand it on."""
        if scope["type"] != "http" or scope["path"] != "/predict" or scope["method"] != "POST":
            await self._app(scope, receive, send)
            return
        state, message = state_of(scope), await receive()
        longest = min(_LONGEST, state.settings.max_body_bytes)
        employee, options = _employee(scope["headers"], message, longest), _options(scope["query_string"])
        if employee is None or options is None:
            await self._app(scope, _once_more(message, receive), send)
            return
        scope["route"] = self._route  # also of a request that ends in an error here
        model = state.registry.to_score_with_in_turn(options.model_version)
        answer = _answer(employee, model, options)
        headers = [(b"content-length", b"%d" % len(answer)), _JSON]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": answer})


def _employee(headers: list[tuple[bytes, bytes]], message: Message, longest: int) -> Any:
    """The one employee of the commonest request, a PlainEmployee; None for every other request, good or bad."""
    body: bytes = message.get("body", b"")
    if not _is_plain_json(headers) or message.get("more_body") or len(body) > longest:
        return None
    if body.count(b"{") != _OBJECTS:  # several are read once, by the ordinary route
        return None
    employees = plain_employees(body)
    return employees[0] if employees and len(employees) == 1 else None


def _is_plain_json(headers: list[tuple[bytes, bytes]]) -> bool:
    for name, _ in headers:
        if name == b"content-encoding":
            return False
    return _JSON in headers


@lru_cache(256)
def _options(query: bytes) -> PredictOptions | None:
    """The options in a query string; None for those that cannot be, that JSON does not have, or that may take long."""
    try:
        options = read_options({"query_string": query}, PredictOptions)
    except InvalidOptions:
        return None
    return None if options.column_names or not options.at_hand else options


def _answer(employee: Any, model: ModelVersion, options: PredictOptions) -> bytes:
    x = list(inputs_of(employee))
    employee_id = None if employee.employee_id is UNSET else employee.employee_id
    if options.question is None:
        probability = score_one(model.parameters, x)
        return write_json(model, [employee_id], [probability], [probability >= model.threshold])
    one = explained_score(model, options.question, options.explain_where, x)
    return write_explained_json(model, employee_id, one)


def _once_more(message: Message, receive: Receive) -> Receive:
    """Receive a message that was received before, then those that follow."""
    messages = [message]

    async def received() -> Message:
        return messages.pop() if messages else await receive()

    return received

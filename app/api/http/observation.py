"""Around every request: its id, one line in the log, its duration in the metrics, and an answer whatever happens.

No personal data in either: the route's template and never the path, no query, no body, no message of an exception.
W3C trace context is taken over: the caller's trace id stands in the log line (https://www.w3.org/TR/trace-context/).
"""

import re
import secrets
import sys
from itertools import count
from time import perf_counter
from typing import Any

from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.api.http.problems import Answer
from app.api.http.state import state_of
from app.errors import CannotStart, InternalError, Problem, place_of

_REQUEST_ID = re.compile(rb"[A-Za-z0-9._-]{1,128}")
_TRACEPARENT = re.compile(rb"([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}(-.*)?")
_PROCESS = secrets.token_hex(8)
_REQUESTS = count(1)
"""A new id is this process's random name and a running number: as unique as a UUID, without asking the system."""
_CLIENT_CLOSED_REQUEST = 499
"""What proxies log for a caller that hung up before there was an answer."""


class Observation:
    """The outermost middleware. Plain ASGI: Starlette's BaseHTTPMiddleware costs more than a score."""

    def __init__(self, app: ASGIApp, answer: Answer) -> None:
        self._app = app
        self._answer = answer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request and say so."""
        if scope["type"] != "http":
            await self._app(scope, receive, _without_traceback(send))
            return
        began = perf_counter()
        request_id, trace_id = _identities(scope)
        status = 0

        async def send_identified(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"].append((b"x-request-id", request_id.encode()))
            await send(message)

        try:
            await self._app(scope, receive, send_identified)
        except ClientDisconnect:
            status = _CLIENT_CLOSED_REQUEST
        except Problem as problem:
            if not status:
                await self._answer(problem, scope)(scope, receive, send_identified)
        except Exception as error:  # whatever it is, the caller gets an answer and the log its place
            state_of(scope).log.error("mistake", request_id=request_id, **place_of(error))
            if not status:
                mistake = InternalError("The service made a mistake.")
                await self._answer(mistake, scope)(scope, receive, send_identified)
        self._finish(scope, request_id, trace_id, status, perf_counter() - began)

    def _finish(self, scope: Scope, request_id: str, trace_id: str | None, status: int, seconds: float) -> None:
        state, route = state_of(scope), getattr(scope.get("route"), "path", "unmatched")
        state.metrics.request_answered(scope["method"], route, status, seconds)
        line: dict[str, Any] = {
            "request_id": request_id,
            "method": scope["method"],
            "route": route,
            "status": status,
            "milliseconds": round(seconds * 1e6) / 1000,
        }
        if trace_id:
            line["trace_id"] = trace_id
        state.request_log.add(line)


def _without_traceback(send: Send) -> Send:
    """Starlette says why the service cannot start by a whole traceback; the message of a CannotStart stands alone."""

    async def send_reason(message: Message) -> None:
        reason = sys.exception()
        if message["type"] == "lifespan.startup.failed" and isinstance(reason, CannotStart):
            message["message"] = str(reason)
        await send(message)

    return send_reason


def _identities(scope: Scope) -> tuple[str, str | None]:
    """The caller's request id when it has the form of one, else a new one; and the trace id of its traceparent."""
    request_id, trace_id = None, None
    for name, value in scope["headers"]:
        if name == b"x-request-id" and _REQUEST_ID.fullmatch(value):
            request_id = value.decode()
        elif name == b"traceparent":
            trace_id = _trace_id(value)
    return request_id or f"{_PROCESS}-{next(_REQUESTS):x}", trace_id


def _trace_id(traceparent: bytes) -> str | None:
    """Section 3.2: version ff and all-zero ids are invalid; version 00 has nothing behind its flags."""
    match = _TRACEPARENT.fullmatch(traceparent.strip())
    if match is None:
        return None
    version, trace_id, parent_id, rest = match.groups()
    if version == b"ff" or trace_id == b"0" * 32 or parent_id == b"0" * 16 or (version == b"00" and rest):
        return None
    return trace_id.decode()

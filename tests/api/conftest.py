"""How a problem is held to its contract."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest


@pytest.fixture(scope="session")
def problem() -> Callable[..., dict[str, Any]]:
    """Checks that an answer is the problem document of a code and status, and returns it. Below /v2, that it is the
    protocol's error of this status, and returns the message as a document's detail.
    """

    def check(answer: httpx.Response, code: str, status: int) -> dict[str, Any]:
        document = answer.json()
        if answer.request.url.path.startswith("/v2/") or answer.request.url.path == "/v2":
            assert (set(document), answer.status_code) == ({"error"}, status), document
            assert answer.headers["Content-Type"] == "application/json"
            return {"detail": document["error"]}
        assert (document["code"], document["status"], answer.status_code) == (code, status, status), document
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert document["type"] == f"/problems/{code}"
        assert document["title"]
        assert document["detail"]
        assert set(document) <= {"type", "title", "status", "detail", "code", "error_count", "errors"}
        return document

    return check


@pytest.fixture(scope="session")
def faults(problem: Callable[..., dict[str, Any]]) -> Callable[[httpx.Response], list[dict[str, Any]]]:
    """The errors of an invalid_records answer, all of which it names."""

    def check(answer: httpx.Response) -> list[dict[str, Any]]:
        document = problem(answer, "invalid_records", 422)
        assert document["error_count"] == len(document["errors"])
        return document["errors"]

    return check

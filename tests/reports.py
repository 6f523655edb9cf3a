"""Trainings of the suite report nothing unless a test says `report=…`: a report takes several times as long."""

import httpx


def without_report(request: httpx.Request) -> None:
    """A request hook of httpx's clients."""
    query = request.url.query
    if request.method == "POST" and request.url.path == "/train" and b"report=" not in query:
        request.url = request.url.copy_with(query=query + b"&report=false" if query else b"report=false")


async def without_report_async(request: httpx.Request) -> None:
    """The same of an asynchronous client."""
    without_report(request)


HOOKS = {"request": [without_report]}
ASYNC_HOOKS = {"request": [without_report_async]}

"""The floor: an ASGI application that answers every request with one constant body, as long as a score's."""

from typing import Any

BODY = (
    b'{"model_version":1,"threshold":0.5,"predictions":'
    b'[{"employee_id":"E-1042","probability":0.5678901234567891,"promote":true}]}'
)
HEADERS = [(b"content-type", b"application/json"), (b"content-length", str(len(BODY)).encode())]


async def app(scope: Any, receive: Any, send: Any) -> None:
    """Read the body, answer."""
    if scope["type"] == "http":
        await receive()
        await send({"type": "http.response.start", "status": 200, "headers": HEADERS})
        await send({"type": "http.response.body", "body": BODY})

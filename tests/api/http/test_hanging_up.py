"""A caller that hangs up while it sends: nothing is answered, nothing is trained, one line says so."""

import json

import pytest


@pytest.fixture
def hang_up(serve, capfdbinary):
    """Speaks ASGI by hand: some of the body, then the end of the connection."""

    def send(path, *pieces):
        service = serve()
        sent = []

        messages = iter([{"type": "http.request", "body": piece, "more_body": True} for piece in pieces])

        async def receive():
            return next(messages, {"type": "http.disconnect"})

        async def answer(message):
            sent.append(message)

        headers = [(b"content-type", b"application/json"), (b"x-request-id", b"gone")]
        scope = {"type": "http", "method": "POST", "path": path, "raw_path": path.encode(), "query_string": b"",
                 "headers": headers, "scheme": "http", "server": ("service", 80), "http_version": "1.1"}  # fmt: skip
        service.call(service.app, scope, receive, answer)
        return service, sent, [json.loads(line) for line in capfdbinary.readouterr().out.splitlines()]

    return send


@pytest.mark.parametrize("path", ["/train", "/predict"])
@pytest.mark.parametrize("pieces", [[], [b""], [b'{"employees": [', b'{"years_of_'], [b'{"employees": []}']])
def test_nothing_happens(hang_up, path, pieces):
    service, sent, log = hang_up(path, *pieces)
    assert sent == []
    (line,) = [line for line in log if line["event"] == "request"]
    assert (line["status"], line["route"], line["request_id"]) == (499, path, "gone")
    assert len(log) == 1
    assert service.get("/model/versions").json()["versions"] == []
    assert f'route="{path}",status="499"' in service.get("/metrics").text

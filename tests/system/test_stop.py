"""SIGTERM: what is in flight is answered, then the process ends."""

import signal
import socket
import sys
from contextlib import closing
from pathlib import Path

import pytest

from tests.processes import SOME_TIME, let_go
from tests.waiting import PATIENCE, until

SERVE = (sys.executable, "-m", "app", "serve")
UVICORN = (sys.executable, "-m", "uvicorn", "app.main:app")
# uvicorn ends by the signal that it was sent; as the container starts it, a stop that went well is exit code 0.
ways = pytest.mark.parametrize(
    "way",
    [
        pytest.param((UVICORN, -signal.SIGTERM), id="uvicorn", marks=pytest.mark.long),
        pytest.param((SERVE, 0), id="container"),
    ],
)


class SlowUpload:
    """A POST /predict whose second half waits. It is in flight: the server has asked for the body."""

    def __init__(self, server):
        self.body = b'{"employees":[{"years_of_experience":6.5,"performance_score":82}]}'
        head = (
            "POST /predict HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nConnection: close\r\n"
            f"Expect: 100-continue\r\nContent-Length: {len(self.body)}\r\n\r\n"
        )
        self.caller = socket.create_connection(server.address, timeout=PATIENCE)
        self.answer = self.caller.makefile("rb")
        self.caller.sendall(head.encode())
        assert self.answer.readline().startswith(b"HTTP/1.1 100 ")
        assert self.answer.readline() == b"\r\n"
        self.caller.sendall(self.body[:20])

    def finish(self):
        self.caller.sendall(self.body[20:])
        return self.answer.read()

    def close(self):
        self.answer.close()
        self.caller.close()


@ways
def test_a_waiting_training_is_answered(server, sample, way):
    command, code = way
    first = server(command=command)
    with first.training_meanwhile(sample, SOME_TIME) as trained:
        training = first.hold_training()
        first.process.send_signal(signal.SIGTERM)
        until(first.refuses_connections, "nobody new is let in")
        assert not trained
        let_go(training)
    assert trained[0].status_code == 201
    assert first.ended() == code
    assert server().client.get("/model").content == trained[0].content


@ways
def test_an_upload_is_awaited(server, sample, way):
    command, code = way
    server = server(command=command)
    server.train(sample).raise_for_status()
    with closing(SlowUpload(server)) as upload:
        server.process.send_signal(signal.SIGTERM)
        until(server.refuses_connections, "nobody new is let in")
        answer = upload.finish()
    assert answer.startswith(b"HTTP/1.1 200 ")
    assert b'"model_version":1' in answer
    assert server.ended() == code


def test_an_upload_that_stands_still_is_given_up(server):
    server = server(command=SERVE, options=("--timeout-graceful-shutdown", "1"))
    with closing(SlowUpload(server)):
        assert server.stop() == 0


@pytest.mark.parametrize("asked", [signal.SIGTERM, pytest.param(signal.SIGINT, marks=pytest.mark.long)])
def test_the_container_ends_with_0(server, sample, asked):
    server = server(command=SERVE)
    server.train(sample).raise_for_status()
    assert server.stop(asked) == 0
    assert "Traceback" not in server.output
    assert sorted(path.name for path in server.data_dir.iterdir()) == ["promotion.db"], "the log is folded in"


@pytest.mark.long
def test_several_workers_end_with_0(server):
    assert server(command=SERVE, workers=2).stop() == 0


def test_a_container_stopped_while_it_starts_ends_with_0(server):
    server = server(command=SERVE, wait=False)

    def imports_the_service():
        return "pydantic_core" in Path(f"/proc/{server.pid}/maps").read_text()

    until(imports_the_service, "the process imports the service")
    assert server.stop() == 0

"""The process that scores large bodies, in a real server: what happens when it or the server dies."""

import os
import signal
import socket
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest

from tests.processes import alive
from tests.waiting import PATIENCE, until

ROOT = Path(__file__).parents[2]
ROW = b'{"years_of_experience": 6.5, "performance_score": 82}'
LARGE = b'{"employees": [' + b", ".join([ROW] * 40_000) + b"]}"
JSON = {"Content-Type": "application/json"}


def score(server):
    return server.client.post("/predict", content=LARGE, headers=JSON)


def half_sent(server):
    """A request of which half has been sent."""
    caller = socket.create_connection(server.address, timeout=PATIENCE)
    head = "POST /predict HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nConnection: close\r\n"
    caller.sendall(f"{head}Content-Length: {len(LARGE)}\r\n\r\n".encode() + LARGE[: len(LARGE) // 2])
    return caller


def alone(server):
    """The process for large bodies, in a list, as soon as no fork of it is left: a fork ends after its answer."""
    return until(lambda: [pids for pids in (server.batch_processes(),) if len(pids) == 1], "the forks have ended")[0]


@pytest.fixture
def begun(server, sample):
    """A trained server, its process for large bodies, and a request of which half has been sent."""
    server = server()
    server.train(sample).raise_for_status()
    assert len(score(server).json()["predictions"]) == 40_000
    (process,) = alone(server)
    with half_sent(server) as caller:
        yield server, process, caller


def rest(caller):
    caller.sendall(LARGE[len(LARGE) // 2 :])
    return b"".join(iter(lambda: caller.recv(1 << 16), b""))


def fork_of(server, process):
    forks = until(lambda: [pid for pid in server.batch_processes() if pid != process], "there is a fork")
    return forks[0]


def test_a_process_serves_many_and_forks_end(server, sample):
    server = server()
    server.train(sample).raise_for_status()
    assert server.batch_processes() == [], "nothing is started before it is needed"
    bodies = {score(server).content for _ in range(5)}
    assert len(bodies) == 1
    alone(server)


def test_a_fork_that_dies_costs_one_answer(begun, log_lines):
    server, process, caller = begun
    os.kill(fork_of(server, process), signal.SIGKILL)
    assert rest(caller).startswith(b"HTTP/1.1 500 ")
    assert score(server).status_code == 200
    server.stop()
    assert [line["event"] for line in log_lines(server.stdout)].count("mistake") == 1


def test_a_process_that_dies_is_replaced(begun):
    server, process, caller = begun
    fork_of(server, process)
    os.kill(process, signal.SIGKILL)
    until(lambda: not alive(process), "the process is gone")
    assert rest(caller).startswith(b"HTTP/1.1 200 "), "its forks live on"
    assert score(server).status_code == 200
    assert process not in server.batch_processes()


def test_a_caller_that_hangs_up_leaves_no_fork(begun):
    server, process, caller = begun
    fork = fork_of(server, process)
    caller.close()
    until(lambda: not alive(fork), "the fork has ended")
    assert score(server).status_code == 200


@pytest.mark.parametrize("with_signal", [signal.SIGTERM, pytest.param(signal.SIGKILL, marks=pytest.mark.long)])
def test_it_ends_with_the_server(begun, with_signal):
    server, process, caller = begun
    fork = fork_of(server, process)
    if with_signal == signal.SIGTERM:
        server.process.send_signal(with_signal)
        until(server.refuses_connections, "the stop has begun")
        assert rest(caller).startswith(b"HTTP/1.1 200 "), "what was begun is answered"
    else:
        server.stop(with_signal)
    until(lambda: not alive(process), "the process has ended")
    until(lambda: not alive(fork), "the fork has ended")
    server.ended()


@pytest.mark.long
def test_uploads_that_stand_still_are_in_nobodys_way(begun):
    """As many more as there are cores."""
    server, _, caller = begun
    with ExitStack() as stack:
        callers = [caller, *(stack.enter_context(half_sent(server)) for _ in range(os.cpu_count()))]
        until(lambda: len(server.batch_processes()) == 1 + len(callers), "all have been begun")
        assert score(server).status_code == 200
        assert rest(caller).startswith(b"HTTP/1.1 200 ")


@pytest.mark.long
def test_sigterm_to_every_process_is_for_the_server(begun):
    """As a process manager sends it."""
    server, process, caller = begun
    fork = fork_of(server, process)
    for pid in (fork, process, server.pid):
        os.kill(pid, signal.SIGTERM)
    assert rest(caller).startswith(b"HTTP/1.1 200 ")
    assert server.ended() in (0, -signal.SIGTERM)


@pytest.mark.long
def test_another_package_of_the_name_in_the_working_directory(server, sample, tmp_path):
    """`uvicorn --app-dir` finds the service; its processes must find the same."""
    (tmp_path / "elsewhere/app").mkdir(parents=True)
    (tmp_path / "elsewhere/app/__init__.py").write_text("raise SystemExit('the wrong package')")
    server = server(cwd=tmp_path / "elsewhere", options=("--app-dir", str(ROOT)))
    server.train(sample).raise_for_status()
    assert score(server).status_code == 200


def sockets_of(pid):
    """The sockets that a process has open, without its standard input and outputs."""
    sockets = set()
    for path in Path(f"/proc/{pid}/fd").iterdir():
        with suppress(FileNotFoundError):  # closed since it was listed
            if int(path.name) > 2 and (name := str(path.readlink())).startswith("socket:"):
                sockets.add(name)
    return sockets


@pytest.mark.long
def test_nothing_of_the_service_is_inherited(begun):
    """Not the socket on which it listens: its port would be taken for as long as the process lives."""
    server, process, _ = begun
    assert sockets_of(server.pid)
    # The end of a connection that the service has just handed over is open in both for a moment.
    until(lambda: not sockets_of(server.pid) & sockets_of(process), "the process holds no socket of the service")

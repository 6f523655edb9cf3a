"""One employee through POST /predict, everything on, beside a constant body from bare ASGI and FastAPI doing nothing.

All are served by uvicorn, one after the other on the same core; wrk asks from another core. Whatever the machine does
at that moment meets all parts of a round.
"""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from benchmarks.table import Row, of_rates

HERE = Path(__file__).parent
CONNECTIONS = 8
BASELINES = [
    ("a constant body from bare ASGI", "benchmarks.bare_asgi:app", 0.45),
    ("FastAPI's no-op with the same schemas", "benchmarks.fastapi_noop:app", 1.8),
]


def run(quick: bool) -> list[Row]:
    """Requests a second of the service over those of the baselines, round by round."""
    rounds, seconds = (2, 1) if quick else (7, 3)
    cores = sorted(os.sched_getaffinity(0))
    server_core, client_core = cores[0], cores[-1]
    with ExitStack() as stack:
        data = stack.enter_context(tempfile.TemporaryDirectory())
        addresses = [stack.enter_context(served("app.main:app", data, server_core))]
        train(addresses[0])
        for _, application, _ in BASELINES:
            addresses.append(stack.enter_context(served(application, data, server_core, "--no-access-log")))
        rates = [
            [rate(f"{address}/predict", seconds, client_core, HERE / "score_one.lua") for address in addresses]
            for _ in range(rounds)
        ]
    ours, *others = zip(*rates, strict=True)
    return [
        of_rates("POST /predict, one record", "requests/s", ours, theirs, name, None if quick else target)
        for theirs, (name, _, target) in zip(others, BASELINES, strict=True)
    ]


@contextmanager
def served(application: str, data_dir: str, core: int, *options: str) -> Iterator[str]:
    """A uvicorn of its own on one core, from ready to ended."""
    command = [sys.executable, "-m", "uvicorn", application, "--port", "{port}", *options]
    with started(command, core, "/readyz", Path(data_dir), PROMOTION_DATA_DIR=data_dir) as address:
        yield address


@contextmanager
def started(
    command: list[str], core: int, ready: str, log_dir: Path, *, cwd: Path | None = None, **environment: str
) -> Iterator[str]:
    """Any server on one core, with every process it starts, from ready to ended; `{port}` stands for a free port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    log = log_dir / f"{port}.log"
    server = subprocess.Popen(
        ["taskset", "-c", str(core), *(part.format(port=port) for part in command)],
        cwd=cwd,
        env=os.environ | {name: value.format(port=port) for name, value in environment.items()},
        stdout=log.open("wb"),  # a file, because the log is part of the price
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    try:
        address = f"http://127.0.0.1:{port}"
        _wait(f"{address}{ready}", server, log)
        yield address
    finally:
        server.terminate()
        try:
            server.wait(timeout=20)
        finally:
            with suppress(ProcessLookupError):  # some servers leave their workers behind
                os.killpg(server.pid, signal.SIGKILL)


def _wait(url: str, server: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(1200):
        try:
            urllib.request.urlopen(url, timeout=1).read()
            return
        except OSError:
            if server.poll() is not None:
                break
            time.sleep(0.05)
    raise SystemExit(f"{url} did not answer; the server said:\n{log.read_text()[-2000:]}")


def train(address: str) -> None:
    sample = (HERE.parent / "app" / "samples" / "promotions.csv").read_bytes()
    request = urllib.request.Request(f"{address}/train", sample, {"Content-Type": "text/csv"})
    urllib.request.urlopen(request, timeout=60).read()


def rate(url: str, seconds: int, core: int, script: Path, *arguments: str, connections: int = CONNECTIONS) -> float:
    """Requests a second that wrk gets answered with 2xx; any other answer ends the benchmark."""
    if shutil.which("wrk") is None:
        raise SystemExit("This benchmark needs wrk (Debian: apt-get install wrk).")
    wrk = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "20s", "-s", str(script), url, "--"]
    with subprocess.Popen([*wrk, *arguments], stdout=subprocess.PIPE, text=True) as client:
        os.sched_setaffinity(client.pid, {core})
        printed, _ = client.communicate(timeout=seconds + 30)
    found = re.search(r"Requests/sec:\s+([\d.]+)", printed)
    if found is None or "Non-2xx" in printed or "Socket errors" in printed:
        raise SystemExit(f"wrk did not get its answers:\n{printed}")
    return float(found.group(1))

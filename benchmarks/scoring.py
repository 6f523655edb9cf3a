"""One employee through POST /predict, everything on, as a share of a constant body from bare ASGI.

Both are served by uvicorn, one after the other on the same core; wrk asks from another core. Whatever the machine does
at that moment meets both halves of a round.
"""

import os
import re
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from benchmarks.table import Row

HERE = Path(__file__).parent
CONNECTIONS = 8
TARGET = 0.30


def run(quick: bool) -> list[Row]:
    """Requests a second of the service over those of the floor, round by round."""
    if shutil.which("wrk") is None:
        raise SystemExit("This benchmark needs wrk (Debian: apt-get install wrk).")
    rounds, seconds = (2, 1) if quick else (7, 3)
    cores = sorted(os.sched_getaffinity(0))
    server_core, client_core = cores[0], cores[-1]
    with ExitStack() as stack:
        data = stack.enter_context(tempfile.TemporaryDirectory())
        floor = stack.enter_context(served("benchmarks.bare_asgi:app", data, server_core, "--no-access-log"))
        service = stack.enter_context(served("app.main:app", data, server_core))
        train(service)
        rates = [(_rate(service, seconds, client_core), _rate(floor, seconds, client_core)) for _ in range(rounds)]
    ratios = [ours / floor_rate for ours, floor_rate in rates]
    ours, floor_rate = (statistics.median(column) for column in zip(*rates, strict=True))
    return [
        Row(
            "POST /predict, one record",
            ours,
            floor_rate,
            "requests/s",
            "a constant body from bare ASGI",
            statistics.median(ratios),
            (min(ratios), max(ratios)),
            TARGET,
        )
    ]


@contextmanager
def served(application: str, data_dir: str, core: int, *options: str) -> Iterator[str]:
    """A uvicorn of its own on one core, from ready to ended."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = subprocess.Popen(
        [sys.executable, "-m", "uvicorn", application, "--port", str(port), *options],
        env=os.environ | {"PROMOTION_DATA_DIR": data_dir},
        stdout=(Path(data_dir) / f"{port}.log").open("wb"),  # a file, because the log is part of the price
        stderr=subprocess.STDOUT,
    )
    os.sched_setaffinity(server.pid, {core})
    try:
        address = f"http://127.0.0.1:{port}"
        _wait(f"{address}/readyz")
        yield address
    finally:
        server.terminate()
        server.wait(timeout=20)


def _wait(url: str) -> None:
    for _ in range(200):
        try:
            urllib.request.urlopen(url, timeout=1).read()
            return
        except OSError:
            time.sleep(0.05)
    raise SystemExit(f"{url} did not answer.")


def train(address: str) -> None:
    sample = (HERE.parent / "app" / "samples" / "promotions.csv").read_bytes()
    request = urllib.request.Request(f"{address}/train", sample, {"Content-Type": "text/csv"})
    urllib.request.urlopen(request, timeout=60).read()


def _rate(address: str, seconds: int, core: int) -> float:
    """Requests a second that wrk gets answered with 2xx; any other answer ends the benchmark."""
    wrk = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "-s", str(HERE / "score_one.lua"), f"{address}/predict"]
    with subprocess.Popen(wrk, stdout=subprocess.PIPE, text=True) as client:
        os.sched_setaffinity(client.pid, {core})
        printed, _ = client.communicate(timeout=seconds + 30)
    rate = re.search(r"Requests/sec:\s+([\d.]+)", printed)
    if rate is None or "Non-2xx" in printed or "Socket errors" in printed:
        raise SystemExit(f"wrk did not get its answers:\n{printed}")
    return float(rate.group(1))

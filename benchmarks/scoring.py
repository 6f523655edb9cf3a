"""One employee through POST /predict, everything on, beside a constant body from bare ASGI and FastAPI doing nothing.

All are served by uvicorn, one after the other on the same core; wrk asks from another core. Whatever the machine does
at that moment meets all parts of a round.
"""

import os
import re
import shutil
import subprocess
import tempfile
import urllib.request
from contextlib import ExitStack
from pathlib import Path

from benchmarks.servers import served
from benchmarks.table import Row, of_rates

HERE = Path(__file__).parent
SAMPLE = (HERE.parent / "app" / "samples" / "promotions.csv").read_bytes()
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
        of_rates(
            "POST /predict, one record",
            "requests/s",
            ours,
            theirs,
            baseline_name=name,
            target=None if quick else target,
        )
        for theirs, (name, _, target) in zip(others, BASELINES, strict=True)
    ]


def train(address: str, csv: bytes = SAMPLE) -> None:
    """Train a model on a CSV file, without a report, and put it into service."""
    request = urllib.request.Request(f"{address}/train?report=false", csv, {"Content-Type": "text/csv"})
    urllib.request.urlopen(request, timeout=600).read()


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

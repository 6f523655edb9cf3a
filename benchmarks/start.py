"""From the start of the process to the first answer of /readyz, beside importing what the service is built on.

And the memory that it has then. The database exists already, as on every start but the first.
"""

import statistics
import subprocess
import sys
import tempfile
import time

from benchmarks.memory import used
from benchmarks.scoring import train
from benchmarks.servers import service
from benchmarks.table import Row, of_rates

IMPORTS = "import fastapi, numpy, sqlalchemy"
TARGET = 1 / 1.5


def run(quick: bool) -> list[Row]:
    """Starts a second, and the memory at rest."""
    rounds = 2 if quick else 11
    with tempfile.TemporaryDirectory() as data:
        with service(data) as (address, _):
            train(address)
        measured = [(*_start(data), *_import()) for _ in range(rounds)]
    starts, memory, imports, of_imports = zip(*measured, strict=True)
    name = "importing FastAPI, NumPy and SQLAlchemy"
    return [
        of_rates(
            f"start to /readyz ({statistics.median(starts):.2f} s)",
            "starts/s",
            [1 / took for took in starts],
            [1 / took for took in imports],
            baseline_name=name,
            target=None if quick else TARGET,
        ),
        of_rates("memory at rest", "MB", memory, of_imports, baseline_name=name),
    ]


def _start(data: str) -> tuple[float, float]:
    """Seconds until it is ready, and megabytes then."""
    began = time.perf_counter()
    with service(data) as (_, pid):
        return time.perf_counter() - began, used(pid) / 1e6


def _import() -> tuple[float, float]:
    """The same of a process that only imports."""
    began = time.perf_counter()
    ready = f"{IMPORTS}; print(flush=True); input()"
    with subprocess.Popen([sys.executable, "-c", ready], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        took, memory = time.perf_counter() - began, used(process.pid) / 1e6
        process.kill()
    return took, memory

"""From the start of the process to the first answer of /readyz, beside a process that imports what it is built on.

And the memory that it has then. The database exists already, as on every start but the first. Both run in an
environment that has the service and nothing else, as the image has it: pydantic, for one, looks through everything that
is installed beside it. (--quick takes this environment.)
"""

import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

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
        python = sys.executable if quick else _environment(Path(data) / "environment")
        with service(data, python) as (address, _):
            train(address)
        measured = [(*_start(data, python), *_import(python)) for _ in range(rounds)]
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


def _environment(folder: Path) -> str:
    """The Python of a new one."""
    subprocess.run([sys.executable, "-m", "venv", folder], check=True)
    python = str(folder / "bin" / "python")
    subprocess.run([python, "-m", "pip", "install", "--quiet", Path(__file__).parents[1]], check=True)
    return python


def _start(data: str, python: str) -> tuple[float, float]:
    """Seconds until it is ready, and megabytes then."""
    began = time.perf_counter()
    with service(data, python, cwd=Path(data)) as (_, pid):
        return time.perf_counter() - began, used(pid) / 1e6


def _import(python: str) -> tuple[float, float]:
    """The same of a process that imports and ends, and of one that imports and waits."""
    began = time.perf_counter()
    subprocess.run([python, "-c", IMPORTS], check=True)
    took = time.perf_counter() - began
    waits = f"{IMPORTS}; print(flush=True); input()"
    with subprocess.Popen([python, "-c", waits], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        memory = used(process.pid) / 1e6
        process.kill()
    return took, memory

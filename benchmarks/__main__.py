"""Run `python -m benchmarks [--quick] [name …]`: every benchmark module or package beside this file, and one table.

Each is a benchmark when it has `run(quick: bool) -> list[Row]`. --quick runs each in seconds, to see that it runs.
"""

from __future__ import annotations

import argparse
import importlib
import os
import platform
from pathlib import Path

# Before NumPy is imported: one BLAS thread for us and for every baseline.
for library in ("OPENBLAS", "OMP", "MKL"):
    os.environ.setdefault(f"{library}_NUM_THREADS", "1")

_NO_BENCHMARK = {"__init__", "__main__", "memory", "one_by_one", "servers", "table", "worlds"} | {
    "bare_asgi",
    "baseline",
    "fastapi_noop",
    "fastapi_plain",
}


def machine() -> str:
    """The machine in one line."""
    import numpy as np  # noqa: PLC0415 - after the threads are set

    cpu, info = platform.processor(), Path("/proc/cpuinfo")
    if info.exists():
        lines = [line for line in info.read_text().splitlines() if line.startswith("model name")]
        cpu = lines[0].split(":", 1)[1].strip() if lines else cpu
    return f"{cpu}, {os.cpu_count()} cores, Python {platform.python_version()}, NumPy {np.__version__}"


def main() -> None:
    """Run what was asked for and print the table."""
    from benchmarks.table import HEAD  # noqa: PLC0415 - after the threads are set

    here = Path(__file__).parent
    packages = {path.parent.name for path in here.glob("*/__init__.py")}
    names = sorted(packages | {path.stem for path in here.glob("*.py")} - _NO_BENCHMARK)
    parser = argparse.ArgumentParser(prog="python -m benchmarks")
    parser.add_argument("--quick", action="store_true", help="small and short: only to see that everything runs")
    parser.add_argument("name", nargs="*", help=f"of {', '.join(names)}; all when none is given")
    options = parser.parse_args()
    if unknown := set(options.name) - set(names):
        parser.error(f"no such benchmark: {', '.join(sorted(unknown))}")
    print(machine())
    print("| " + " | ".join(HEAD) + " |\n|" + " --- |" * len(HEAD))
    for name in options.name or names:
        for row in importlib.import_module(f"benchmarks.{name}").run(options.quick):
            print("| " + " | ".join(row.cells()) + " |", flush=True)


if __name__ == "__main__":
    main()

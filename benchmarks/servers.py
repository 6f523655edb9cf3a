"""Servers of their own for a benchmark: ours, and any other, each on one core."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


@contextmanager
def served(application: str, data_dir: str, core: int, *options: str) -> Iterator[str]:
    """A uvicorn of its own on one core, from ready to ended."""
    with _served(data_dir, core, "uvicorn", application, *options) as (address, _):
        yield address


@contextmanager
def service_on(data_dir: str, core: int) -> Iterator[tuple[str, int]]:
    """The service on one core; its address and its process id."""
    with _served(data_dir, core, "app", "serve") as (address, pid):
        yield address, pid


@contextmanager
def service(data_dir: str, python: str = sys.executable, cwd: Path | None = None) -> Iterator[tuple[str, int]]:
    """The service on all cores, as the Dockerfile starts it; a training may be waited for as long as it takes. Gives
    its address and its process id.
    """
    waits = {"PROMOTION_TRAIN_WAIT": "600", "MALLOC_MMAP_THRESHOLD_": "1048576"}
    with _served(data_dir, None, "app", "serve", python=python, cwd=cwd, **waits) as (address, pid):
        yield address, pid


@contextmanager
def _served(
    data_dir: str,
    core: int | None,
    *module: str,
    python: str = sys.executable,
    cwd: Path | None = None,
    **environment: str,
) -> Iterator[tuple[str, int]]:
    command = [python, "-m", *module, "--port", "{port}"]
    environment["PROMOTION_DATA_DIR"] = data_dir
    with started(command, core, "/readyz", Path(data_dir), cwd=cwd, **environment) as server:
        yield server


@contextmanager
def started(
    command: list[str], core: int | None, ready: str, log_dir: Path, *, cwd: Path | None = None, **environment: str
) -> Iterator[tuple[str, int]]:
    """Any server, on one core if one is given, with every process it starts, from ready to ended.

    `{port}` stands for a free port. Gives the server's address and process id.
    """
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    log = log_dir / f"{port}.log"
    server = subprocess.Popen(
        [*([] if core is None else ["taskset", "-c", str(core)]), *(part.format(port=port) for part in command)],
        cwd=cwd,
        env=os.environ | {name: value.format(port=port) for name, value in environment.items()},
        stdout=log.open("wb"),  # a file, because the log is part of the price
        stderr=subprocess.STDOUT,
    )
    try:
        address = f"http://127.0.0.1:{port}"
        _wait(f"{address}{ready}", server, log)
        yield address, server.pid
    finally:
        _end(server)


def processes(pid: int) -> list[int]:
    """A process and all that it and its children started."""
    found = [pid]
    for parent in found:  # which grows meanwhile
        for children in Path(f"/proc/{parent}/task").glob("*/children"):
            found += [int(child) for child in children.read_text().split()]
    return found


def _end(server: subprocess.Popen[bytes]) -> None:
    """Ask it to end, and kill what it leaves behind: LitServe leaves its workers."""
    all_of_it = processes(server.pid)
    server.terminate()
    try:
        server.wait(timeout=20)
    finally:
        for pid in all_of_it:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)


def _wait(url: str, server: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(12_000):
        try:
            urllib.request.urlopen(url, timeout=1).read()
            return
        except OSError:
            if server.poll() is not None:
                break
            time.sleep(0.005)
    raise SystemExit(f"{url} did not answer; the server said:\n{log.read_text()[-2000:]}")

"""Real servers: processes of their own, on free ports of this machine, each with a data directory of its own."""

import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest

from tests.reports import HOOKS

ROOT = Path(__file__).parents[2]
LONGEST_WAIT = 60.0
"""Seconds until a condition that never comes true fails its test."""
UVICORN = (sys.executable, "-m", "uvicorn", "app.main:app")
ADDRESS = re.compile(r"Uvicorn running on (http://127\.0\.0\.1:\d+)")
_RUNNER = b"app.trainings.process"


def wait_for(condition: Callable[[], Any], what: str, within: float = LONGEST_WAIT) -> Any:
    """The condition's first true value, asked for a hundred times a second."""
    deadline = time.monotonic() + within
    while not (value := condition()):
        assert time.monotonic() < deadline, f"not within {within:g} s: {what}"
        time.sleep(0.01)
    return value


class Server:
    """One server process and a client of it. Its output is read all the time, so that it never waits for a reader."""

    def __init__(
        self, data_dir: Path, tmp_dir: Path, command: tuple[str, ...], options: tuple[str, ...], cwd: Path, **env: str
    ):
        tmp_dir.mkdir(exist_ok=True)
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("PROMOTION_", "PROMETHEUS_"))}
        self.data_dir = data_dir
        self.process = subprocess.Popen(
            [*command, "--port", "0", *options],
            cwd=cwd,
            env=kept | {"PROMOTION_DATA_DIR": str(data_dir), "TMPDIR": str(tmp_dir), **env},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            start_new_session=True,
        )
        self._trainings: set[int] = set()
        self.stdout: list[str] = []
        self.stderr: list[str] = []
        self._readers = [
            threading.Thread(target=lines.extend, args=(stream,))
            for lines, stream in ((self.stdout, self.process.stdout), (self.stderr, self.process.stderr))
        ]
        for reader in self._readers:
            reader.start()
        self.client = httpx.Client(timeout=LONGEST_WAIT, event_hooks=HOOKS)

    @property
    def pid(self) -> int:
        """The process that was started; with several workers their parent."""
        return self.process.pid

    @property
    def output(self) -> str:
        """Everything that was printed."""
        return "".join([*self.stdout, *self.stderr])

    @property
    def url(self) -> str:
        """Where it answers."""
        found = ADDRESS.search(self.output)
        assert found, self.output
        return found[1]

    def wait_until_ready(self) -> "Server":
        """Return when /readyz answers 200."""

        def says_where() -> bool:
            assert self.process.poll() is None, self.output
            return ADDRESS.search(self.output) is not None

        def is_ready() -> bool:
            with suppress(httpx.ConnectError):  # several workers: their parent speaks before one of them listens
                return self.client.get("/readyz").status_code == 200
            return False

        wait_for(says_where, "the server says where it listens")
        self.client.base_url = httpx.URL(self.url)
        wait_for(is_ready, "the server is ready")
        return self

    def train(self, csv: str, query: str = "") -> httpx.Response:
        """POST /train with a CSV file."""
        return self.client.post(f"/train{query}", content=csv.encode(), headers={"Content-Type": "text/csv"})

    def predict(self, *inputs: tuple[float, float]) -> httpx.Response:
        """POST /predict of years and scores."""
        employees = [{"years_of_experience": years, "performance_score": score} for years, score in inputs]
        return self.client.post("/predict", json={"employees": employees})

    @contextmanager
    def training_meanwhile(self, csv: str, query: str = "", running: bool = True) -> Iterator[list[httpx.Response]]:
        """The block runs while a caller waits for POST /train, from when it trains on if running, else from when the
        call is sent. The list holds the answer as soon as it is there; it stays empty when there is none.
        """
        answers: list[httpx.Response] = []

        def wait() -> None:
            with (
                suppress(httpx.TransportError),
                httpx.Client(base_url=self.url, timeout=LONGEST_WAIT, event_hooks=HOOKS) as client,
            ):
                headers = {"Content-Type": "text/csv"}
                answers.append(client.post(f"/train{query}", content=csv.encode(), headers=headers))

        waiting = threading.Thread(target=wait)
        waiting.start()
        try:
            if running:
                self.training_process()
            yield answers
        finally:
            waiting.join(LONGEST_WAIT)
        assert not waiting.is_alive()

    def training_process(self) -> int:
        """The process that trains, when it has been busy for half a second and so is past its start."""
        pid = wait_for(lambda: next((pid for pid in _family(self.pid) if _trains(pid)), None), "a training runs")
        self._trainings.add(pid)
        return pid

    def workers(self) -> list[int]:
        """The processes that answer, when there are several of them."""
        return [pid for pid in _children(self.pid) if b"spawn_main" in _command(pid)]

    def runners(self) -> list[int]:
        """The processes that train."""
        return [pid for pid in _family(self.pid) if _RUNNER in _command(pid)]

    def batch_processes(self) -> list[int]:
        """The process for large bodies, and its forks."""
        return [pid for pid in _family(self.pid) if b"app.batch_process" in _command(pid)]

    def stop(self, with_signal: int = signal.SIGTERM) -> int:
        """Send the signal; the exit code, when the process has ended."""
        self.process.send_signal(with_signal)
        return self.ended()

    def ended(self) -> int:
        """The exit code, when the process has ended and everything that it printed was read."""
        code = self.process.wait(LONGEST_WAIT)
        for reader in self._readers:
            reader.join(LONGEST_WAIT)
        return code

    def close(self) -> None:
        """Kill what is left of it: the server, its workers and its trainings."""
        self.client.close()
        orphans = filter(_trains, self._trainings)
        for pid in (*orphans, *(_family(self.pid) if self.process.poll() is None else ())):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.ended()
        for stream in (self.process.stdout, self.process.stderr):
            assert stream is not None
            stream.close()


def _stat(pid: int) -> list[str]:
    """/proc/PID/stat from the state on; empty when there is no such process."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return []


def _children(parent: int) -> list[int]:
    pids = [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()]
    return [pid for pid in pids if (stat := _stat(pid)) and stat[1] == str(parent)]


def _family(pid: int) -> list[int]:
    return [pid, *(member for child in _children(pid) for member in _family(child))]


def _command(pid: int) -> bytes:
    """Its command line; empty when there is no such process."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except (FileNotFoundError, ProcessLookupError):
        return b""


def _trains(pid: int) -> bool:
    stat = _stat(pid)
    return _RUNNER in _command(pid) and bool(stat) and int(stat[11]) >= 0.5 * os.sysconf("SC_CLK_TCK")


@pytest.fixture(scope="session")
def alive() -> Callable[[int], bool]:
    """Whether a process exists and is more than an entry that nobody has asked for yet."""
    return lambda pid: bool(stat := _stat(pid)) and stat[0] != "Z"


@pytest.fixture(scope="session")
def until() -> Callable[..., Any]:
    """Waits for a condition and returns its value."""
    return wait_for


@contextmanager
def serving(directory: Path) -> Iterator[Callable[..., Server]]:
    """Starts servers, their files below the directory; kills them at the block's end."""
    started: list[Server] = []

    def start(
        data_dir: Path = directory / "data",
        command: tuple[str, ...] = UVICORN,
        options: tuple[str, ...] = (),
        cwd: Path = ROOT,
        wait: bool = True,
        **env: str,
    ) -> Server:
        server = Server(data_dir, directory / "tmp", command, options, cwd, **env)
        started.append(server)
        return server.wait_until_ready() if wait else server

    try:
        yield start
    finally:
        for server in started:
            server.close()


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Callable[..., Server]]:
    """Starts servers: `server(data_dir, command=…, options=…, PROMOTION_…=…)`. Each is killed at the test's end."""
    with serving(tmp_path) as start:
        yield start


@pytest.fixture(scope="module")
def trained_server(tmp_path_factory: pytest.TempPathFactory, sample: str) -> Iterator[Server]:
    """A server with two versions, for tests that may leave more behind."""
    with serving(tmp_path_factory.mktemp("trained")) as start:
        server = start()
        for query in ("", "?network=single_neuron"):
            server.train(sample, query).raise_for_status()
        yield server
        code = server.process.poll()
        assert code is None, f"the server ended with {code}: {server.output[-2000:]}"


@pytest.fixture(scope="session")
def sample() -> str:
    """The sample file: 2,000 decisions, trained on in a moment."""
    return (ROOT / "app/samples/promotions.csv").read_text(encoding="utf-8")


@pytest.fixture(scope="session")
def many_decisions() -> str:
    """300,000 decisions on continuous inputs."""
    rng, n = np.random.default_rng(20261124), 300_000
    years, score = rng.gamma(2, 4, n).clip(0, 60), rng.uniform(0, 100, n)
    promoted = rng.random(n) < 1 / (1 + np.exp(5 - 0.2 * years - 0.05 * score))
    rows = (f"{y:.6f},{s:.6f},{p:d}" for y, s, p in zip(years, score, promoted, strict=True))
    return "\n".join(["years_of_experience,performance_score,promoted", *rows])


@pytest.fixture(scope="session")
def slowly() -> Callable[[int], str]:
    """Options with which the sample file trains for about so many seconds."""
    return lambda seconds: f"?solver=gradient_descent&epochs={min(100_000, seconds * 16_000)}&report=false"


@pytest.fixture(scope="session")
def log_lines() -> Callable[[list[str]], list[dict[str, Any]]]:
    """Lines of output as what they say. Each must be a JSON object."""
    return lambda lines: [json.loads(line) for line in lines]

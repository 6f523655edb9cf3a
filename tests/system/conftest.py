"""Real servers: processes of their own, on free ports of this machine, each with a data directory of its own."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
import sqlalchemy as sa

from tests import processes
from tests.reports import HOOKS
from tests.waiting import PATIENCE, until

ROOT = Path(__file__).parents[2]
UVICORN = (sys.executable, "-m", "uvicorn", "app.main:app")
ADDRESS = re.compile(r"Uvicorn running on (http://127\.0\.0\.1:\d+)")
PATIENT = {
    # What a test does not set itself is so long that no machine, however busy, comes to its end.
    "PROMOTION_TRAIN_WAIT": "3600",
    "PROMOTION_TRAINING_LEASE": "3600",
    "PROMOTION_SHUTDOWN_GRACE": "3600",
    # uvicorn closes connections that nobody uses, and replaces workers that say nothing.
    "UVICORN_TIMEOUT_KEEP_ALIVE": "300",
    "UVICORN_TIMEOUT_WORKER_HEALTHCHECK": "300",
}


class Server:
    """One server process and a client of it. Its output is read all the time, so that it never waits for a reader."""

    def __init__(
        self,
        data_dir: Path,
        tmp_dir: Path,
        command: tuple[str, ...],
        *,
        options: tuple[str, ...],
        workers: int,
        cwd: Path,
        **env: str,
    ):
        tmp_dir.mkdir(exist_ok=True)
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("PROMOTION_", "PROMETHEUS_"))}
        self.data_dir = data_dir
        self._database = env.get("PROMOTION_DATABASE_URL", f"sqlite:///{data_dir}/promotion.db")
        self._workers = workers
        if workers > 1:
            options = (*options, "--workers", str(workers))
        self.process = subprocess.Popen(
            [*command, "--port", "0", *options],
            cwd=cwd,
            env=kept | PATIENT | {"PROMOTION_DATA_DIR": str(data_dir), "TMPDIR": str(tmp_dir), **env},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            start_new_session=True,
        )
        self._held: set[int] = set()
        self.stdout: list[str] = []
        self.stderr: list[str] = []
        self._readers = [
            threading.Thread(target=lines.extend, args=(stream,))
            for lines, stream in ((self.stdout, self.process.stdout), (self.stderr, self.process.stderr))
        ]
        for reader in self._readers:
            reader.start()
        self.client = httpx.Client(timeout=PATIENCE, event_hooks=HOOKS)

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

    @property
    def address(self) -> tuple[str, int]:
        """The same for a socket."""
        url = httpx.URL(self.url)
        return url.host, url.port or 80

    def wait_until_ready(self) -> "Server":
        """Return when /readyz answers 200, of every worker."""

        def says_where() -> bool:
            assert self.process.poll() is None, self.output
            return ADDRESS.search(self.output) is not None

        def is_ready() -> bool:
            with suppress(httpx.ConnectError):  # several workers: their parent speaks before one of them listens
                return self.client.get("/readyz").status_code == 200
            return False

        until(says_where, "the server says where it listens")
        self.client.base_url = httpx.URL(self.url)
        until(is_ready, "the server is ready")
        until(lambda: self.output.count("Application startup complete") >= self._workers, "every worker serves")
        return self

    def train(self, csv: str, query: str = "") -> httpx.Response:
        """POST /train with a CSV file."""
        return self.client.post(f"/train{query}", content=csv.encode(), headers={"Content-Type": "text/csv"})

    def predict(self, *inputs: tuple[float, float]) -> httpx.Response:
        """POST /predict of years and scores."""
        employees = [{"years_of_experience": years, "performance_score": score} for years, score in inputs]
        return self.client.post("/predict", json={"employees": employees})

    @contextmanager
    def training_meanwhile(self, csv: str, query: str = "") -> Iterator[list[httpx.Response]]:
        """The block runs while a caller waits for POST /train. The list holds the answer as soon as it is there; it
        stays empty when there is none.
        """
        answers: list[httpx.Response] = []

        def wait() -> None:
            with (
                suppress(httpx.TransportError),
                httpx.Client(base_url=self.url, timeout=PATIENCE, event_hooks=HOOKS) as client,
            ):
                headers = {"Content-Type": "text/csv"}
                answers.append(client.post(f"/train{query}", content=csv.encode(), headers=headers))

        waiting = threading.Thread(target=wait)
        waiting.start()
        try:
            yield answers
        finally:
            waiting.join(PATIENCE)
        assert not waiting.is_alive()

    def hold_training(self) -> int:
        """Stop the process of the next training that runs; its process number. processes.let_go lets it go on."""
        pid = processes.hold_training(self.pid)
        self._held.add(pid)
        return pid

    def let_leases_end(self) -> None:
        """As if so many seconds had passed: whoever was killed meanwhile has lost what it had claimed."""
        engine = sa.create_engine(self._database.replace("postgresql:", "postgresql+psycopg:"))
        with engine.begin() as connection:
            connection.exec_driver_sql("UPDATE trainings SET lease_until = 0 WHERE state = 'running'")
        engine.dispose()

    def refuses_connections(self) -> bool:
        """Whether nobody new is let in."""
        with closing(socket.socket()) as caller:
            return caller.connect_ex(self.address) != 0

    def workers(self) -> list[int]:
        """The processes that answer, when there are several of them."""
        return [pid for pid in processes.children(self.pid) if b"spawn_main" in processes.command(pid)]

    def runners(self) -> list[int]:
        """The processes that train."""
        return processes.trainings(self.pid)

    def batch_processes(self) -> list[int]:
        """The process for large bodies, and its forks."""
        return [pid for pid in processes.family(self.pid) if b"app.batch_process" in processes.command(pid)]

    def stop(self, with_signal: int = signal.SIGTERM) -> int:
        """Send the signal; the exit code, when the process has ended."""
        self.process.send_signal(with_signal)
        return self.ended()

    def ended(self) -> int:
        """The exit code, when the process has ended and everything that it printed was read."""
        code = self.process.wait(PATIENCE)
        for reader in self._readers:
            reader.join(PATIENCE)
        return code

    def close(self) -> None:
        """Kill what is left of it: the server, its workers and its trainings."""
        self.client.close()
        orphans = (pid for pid in self._held if processes.TRAINS in processes.command(pid))
        for pid in (*orphans, *(processes.family(self.pid) if self.process.poll() is None else ())):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.ended()
        for stream in (self.process.stdout, self.process.stderr):
            assert stream is not None
            stream.close()


@contextmanager
def serving(directory: Path) -> Iterator[Callable[..., Server]]:
    """Starts servers, their files below the directory; kills them at the block's end."""
    started: list[Server] = []

    def start(
        data_dir: Path = directory / "data",
        command: tuple[str, ...] = UVICORN,
        *,
        options: tuple[str, ...] = (),
        workers: int = 1,
        cwd: Path = ROOT,
        wait: bool = True,
        **env: str,
    ) -> Server:
        server = Server(data_dir, directory / "tmp", command, options=options, workers=workers, cwd=cwd, **env)
        started.append(server)
        return server.wait_until_ready() if wait else server

    try:
        yield start
    finally:
        for server in started:
            server.close()


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Callable[..., Server]]:
    """Starts servers: `server(data_dir, command=…, workers=…, PROMOTION_…=…)`. Each is killed at the test's end."""
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
def log_lines() -> Callable[[list[str]], list[dict[str, Any]]]:
    """Lines of output as what they say. Each must be a JSON object."""
    return lambda lines: [json.loads(line) for line in lines]

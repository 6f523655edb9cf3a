"""The service as its callers meet it: httpx against the ASGI application, its lifespan started, on a real database."""

import asyncio
import csv
import gc
import io
import json
import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import httpx
import pytest
from anyio.from_thread import BlockingPortal, start_blocking_portal
from hypothesis import HealthCheck, settings

from app.service import create_app
from app.settings import Settings
from tests.examples import SHARE, Run
from tests.postgres import Cluster
from tests.reports import ASYNC_HOOKS

# derandomize: the same examples in every run. No deadline: a busy machine is not a fault of the code.
settings.register_profile("long", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("short", settings.get_profile("long"), max_examples=100 // SHARE)

pytest_plugins = ["tests.every_test_runs"]

JSON, CSV = "application/json", "text/csv"
NEED_LONG = ("test_kserve_client.py", "test_schemathesis.py")
"""Test files that import what only the extra `long` brings."""
PATIENT: dict[str, Any] = {"train_wait": 3600, "training_lease": 3600, "shutdown_grace": 0}
"""What a test does not set itself: no machine is so slow that one of these times decides what it sees."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """How long the system tests that draw their events at random go on, on each kind of database."""
    parser.addoption("--kills", type=int, default=12, help="processes that test_kills.py kills (full run: 100)")
    parser.addoption("--activations", type=int, default=12, help="in test_never_stale.py (full run: 100)")


def pytest_configure(config: pytest.Config) -> None:
    """Before any test is read: which run this is."""
    Run.long = config.option.markexpr == "long"
    settings.load_profile("long" if Run.long else "short")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests that try more examples in the long run are part of it. Tests of whole systems begin: they mostly wait, and
    the others fill the cores meanwhile.
    """
    items.sort(key=lambda item: "system" not in item.path.parts)
    for item in items:
        drawn = getattr(getattr(item, "obj", None), "is_hypothesis_test", False)
        if Run.long and (drawn or item.get_closest_marker("many_examples")):
            item.add_marker("long")


def pytest_collection_finish() -> None:
    """What has been imported stays. No garbage collection has to look at it again, and statsmodels asks for a whole one
    at every call of multipletests.
    """
    gc.collect()
    gc.freeze()


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int | None:
    """Two processes a core: half of the tests wait for servers and databases. The tests of one file run in one process
    anyway: in pytest's own, which starts at once and shows prints.
    """
    paths = {argument.partition("::")[0] for argument in config.args}
    one_file = len(paths) == 1 and Path(paths.pop()).is_file()
    return 0 if one_file else 2 * len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else None


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """A run without the long tests does not even read the files that need the extra `long`, which may be missing."""
    return True if "not long" in config.option.markexpr and collection_path.name in NEED_LONG else None


class Service:
    """A started application and a client of it. Every call is a whole request; `together` sends several at once."""

    def __init__(self, portal: BlockingPortal, data_dir: Path, **chosen: Any) -> None:
        self.data_dir = data_dir
        self.app = create_app(Settings(data_dir=data_dir, **PATIENT | chosen))
        self._portal = portal
        self._running = ExitStack()
        lifespan = self.app.router.lifespan_context(self.app)
        self._running.enter_context(portal.wrap_async_context_manager(lifespan))
        transport = httpx.ASGITransport(self.app, raise_app_exceptions=False)
        client = httpx.AsyncClient(transport=transport, base_url="http://service", event_hooks=ASYNC_HOOKS)
        self._client = self._running.enter_context(portal.wrap_async_context_manager(client))

    def send(self, method: str, path: str, **request: Any) -> httpx.Response:
        """One request."""
        return self.together((method, path, request))[0]

    def together(self, *requests: tuple[str, str, dict[str, Any]]) -> list[httpx.Response]:
        """Several requests at once; their answers in the order of the requests."""

        async def gathered() -> list[httpx.Response]:
            return await asyncio.gather(
                *(self._client.request(method, path, **rest) for method, path, rest in requests)
            )

        return self._portal.call(gathered)

    def get(self, path: str, **headers: str) -> httpx.Response:
        """GET, with headers written with underscores."""
        return self.send("GET", path, headers={name.replace("_", "-"): value for name, value in headers.items()})

    def post(self, path: str, body: Any, content_type: str | None = None) -> httpx.Response:
        """POST; records as JSON, text as CSV, bytes as JSON unless told otherwise."""
        if isinstance(body, list):
            body = {"employees": body}
        if isinstance(body, dict):
            body = json.dumps(body, ensure_ascii=False)
            content_type = content_type or JSON
        if isinstance(body, str):
            body = body.encode()
            content_type = content_type or CSV
        return self.send("POST", path, content=body, headers={"Content-Type": content_type or JSON})

    def put(self, path: str, body: Any) -> httpx.Response:
        """PUT of JSON."""
        return self.send("PUT", path, content=json.dumps(body).encode(), headers={"Content-Type": JSON})

    def call(self, function: Callable[..., Any], *arguments: Any) -> Any:
        """Run a coroutine function on the service's event loop."""
        return self._portal.call(function, *arguments)

    def close(self) -> None:
        """Shut down in order; the directory stays."""
        self._running.close()


@pytest.fixture(scope="session")
def portal() -> Iterator[BlockingPortal]:
    """The event loop that every service of the suite runs on."""
    with start_blocking_portal() as portal:
        yield portal


@pytest.fixture(scope="session")
def past_decisions() -> list[dict[str, Any]]:
    """The first 200 records of the sample file."""
    text = (Path(__file__).parents[1] / "app/samples/promotions.csv").read_text(encoding="utf-8")
    return [
        {
            "employee_id": row["employee_id"],
            "years_of_experience": float(row["years_of_experience"]),
            "performance_score": float(row["performance_score"]),
            "promoted": row["promoted"] == "true",
        }
        for row in list(csv.DictReader(io.StringIO(text)))[:200]
    ]


@pytest.fixture
def serve(portal: BlockingPortal, tmp_path: Path) -> Iterator[Callable[..., Service]]:
    """Starts services, on an empty directory of the test's own unless told otherwise, and closes them at its end."""
    with ExitStack() as running:

        def start(data_dir: Path = tmp_path, **chosen: Any) -> Service:
            service = Service(portal, data_dir, **chosen)
            running.callback(service.close)
            return service

        yield start


@pytest.fixture
def service(serve: Callable[..., Service]) -> Service:
    """A service of the test's own, without a model."""
    return serve()


@pytest.fixture(scope="session")
def trained(
    portal: BlockingPortal, tmp_path_factory: pytest.TempPathFactory, past_decisions: list[dict[str, Any]]
) -> Iterator[Service]:
    """A service with two versions, shared by tests that change nothing: 1 two_layer, in service; 2 single_neuron."""
    service = Service(portal, tmp_path_factory.mktemp("trained"))
    for query in ("", "?network=single_neuron&activate=false&threshold=0.25"):
        answer = service.post(f"/train{query}", past_decisions)
        assert answer.status_code == 201, answer.text
    yield service
    service.close()


@pytest.fixture(scope="session")
def empty(portal: BlockingPortal, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A service without a model, shared by tests that change nothing, which takes bodies of at most 100,000 bytes."""
    service = Service(portal, tmp_path_factory.mktemp("empty"), max_body_bytes=100_000)
    yield service
    service.close()


@pytest.fixture(scope="session")
def as_csv() -> Callable[[list[dict[str, Any]]], str]:
    """Records as a CSV file, by the standard library; its columns are the first record's keys."""

    def write(records: list[dict[str, Any]]) -> str:
        out = io.StringIO()
        writer = csv.DictWriter(out, list(records[0]), lineterminator="\r\n")
        writer.writeheader()
        writer.writerows(records)
        return out.getvalue()

    return write


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.long)])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> dict[str, Any]:
    """A new database, as open_store and Settings name it: of SQLite, and in the long run of PostgreSQL too."""
    if request.param == "sqlite":
        return {"data_dir": tmp_path}
    return {"data_dir": tmp_path, "database_url": request.getfixturevalue("postgres_url")}


@pytest.fixture(scope="session")
def postgres() -> Iterator[Cluster]:
    """The suite's PostgreSQL server, which the first test that asks for it starts. Whoever stops it starts it again."""
    with closing(Cluster()) as cluster:
        yield cluster


@pytest.fixture
def postgres_url(postgres: Cluster) -> str:
    """A new, empty PostgreSQL database."""
    return postgres.new_database()

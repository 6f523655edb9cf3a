"""`promotion-scoring serve`, as an operator starts it: options, several workers, an installed package.

test_stop.py has what it does with the requests in progress when it is asked to stop.
"""

import os
import re
import signal
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

from tests.waiting import PATIENCE, until

ROOT = Path(__file__).parents[2]
SERVE = (sys.executable, "-m", "app", "serve")


@pytest.mark.long
def test_ctrl_c_ends_every_worker_with_0(server):
    """A terminal sends SIGINT to all processes at once."""
    server = server(command=SERVE, options=("--workers", "2"))
    until(lambda: server.output.count("Application startup complete") == 2, "both workers serve")
    workers = server.workers()
    os.killpg(server.pid, signal.SIGINT)
    assert server.ended() == 0
    assert "Traceback" not in server.output
    assert [pid for pid in workers if Path(f"/proc/{pid}").exists()] == []


@pytest.mark.long
def test_web_concurrency_says_how_many_workers(server):
    server = server(command=SERVE, WEB_CONCURRENCY="3")
    until(lambda: server.output.count("Application startup complete") == 3, "every worker serves")
    assert len(server.workers()) == 3
    assert server.stop() == 0


@pytest.mark.parametrize("workers", [pytest.param("1", marks=pytest.mark.long), "2"])
@pytest.mark.parametrize(
    ("variables", "reason"),
    [
        ({"PROMOTION_QUEUE_LIMIT": "0"}, "PROMOTION_QUEUE_LIMIT: Input should be greater than or equal to 1."),
        ({"PROMOTION_DATA_DIR": "/dev/null/data"}, "PROMOTION_DATA_DIR names its directory."),
    ],
)
def test_what_cannot_start_ends_with_3(server, workers, variables, reason):
    """By itself uvicorn would start workers again for ever in the first case, and end with 0 in the second."""
    server = server(command=SERVE, options=("--workers", workers), wait=False, **variables)
    assert server.ended() == 3
    assert "promotion-scoring cannot start: " in server.output
    assert reason in server.output


def test_below_the_path_of_a_proxy(server, sample):
    """The proxy removes the path; what the service says of itself has it."""
    server = server(command=SERVE, options=("--root-path", "/hr/promotion"))
    trained = server.train(sample)
    assert (trained.status_code, server.predict((6.5, 82)).status_code) == (201, 200)
    assert server.client.get("/openapi.json").json()["servers"] == [{"url": "/hr/promotion"}]
    assert server.client.get("/").headers["Location"] == "/hr/promotion/docs"
    linked = re.findall(r"""(?:href|src|url)[=:]\s*["'](/[^"']*)""", server.client.get("/docs").text)
    assert [path.removeprefix("/hr/promotion") for path in linked] == [
        "/docs/assets/swagger-ui.css",
        "/docs/assets/favicon.png",
        "/docs/assets/swagger-ui-bundle.js",
        "/openapi.json",
    ]
    assert {path.startswith("/hr/promotion/") for path in linked} == {True}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """The package, as `pip install .` builds it."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder)]
    subprocess.run(command, cwd=ROOT, capture_output=True, timeout=PATIENCE, check=True)
    (built,) = folder.iterdir()
    return built


def test_the_wheel_has_every_file_of_the_package(wheel):
    with zipfile.ZipFile(wheel) as archive:
        packed = {name for name in archive.namelist() if name.startswith("app/")}
    there = {path.relative_to(ROOT).as_posix() for path in (ROOT / "app").rglob("*") if path.is_file()}
    assert packed == {name for name in there if "__pycache__" not in name}
    assert {"app/samples/promotions.csv", "app/api/audit/page.html", "app/store/migrations/script.py.mako"} <= packed


@pytest.mark.long
def test_the_installed_package_serves_from_any_folder(server, wheel, sample, tmp_path):
    """Another package called `app` in that folder is not taken for it."""
    fresh = tmp_path / "venv"
    venv.create(fresh)
    python = fresh / "bin/python"
    subprocess.run(
        [sys.executable, "-m", "pip", "--python", python, "install", "--quiet", "--no-deps", "--no-index", wheel],
        timeout=PATIENCE,
        check=True,
    )
    # What it needs is borrowed from the environment of the tests; the `app` there, if any, is not.
    borrowed = [path for path in sys.path if path.endswith(("site-packages", "dist-packages"))]
    site = Path(sysconfig.get_path("purelib", vars={"base": str(fresh)}))
    (site / "borrowed.pth").write_text("\n".join(borrowed))
    elsewhere = tmp_path / "elsewhere"
    (elsewhere / "app").mkdir(parents=True)
    (elsewhere / "app/__init__.py").write_text("raise SystemExit('the wrong package')")

    server = server(
        data_dir=Path("data"),
        command=(str(fresh / "bin/promotion-scoring"), "serve"),
        cwd=elsewhere,
        PYTHONPATH="",
    )
    assert server.train(sample).status_code == 201
    header, _, rows = sample.partition("\n")
    large = f"{header}\n{rows * 30}"  # over 1 MiB: a process of the package's own answers it
    scored = server.client.post("/predict", content=large, headers={"Content-Type": "text/csv"})
    assert len(scored.text.splitlines()) == 60_001
    assert len(server.batch_processes()) > 0
    assert server.client.get("/samples/promotions.csv").text == sample
    assert server.stop() == 0
    assert sorted(path.name for path in elsewhere.iterdir()) == ["app", "data"]
    assert (elsewhere / "data/promotion.db").is_file()

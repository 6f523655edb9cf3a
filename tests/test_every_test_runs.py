"""tests/every_test_runs.py on small suites of its own, in one process and in two."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FORGETS = """\
def pytest_runtest_protocol(item):
    return item.name == "test_b" or None
"""
"""A conftest.py that makes pytest leave a test out, as if it had run."""
TWINS = """\
import pytest

class Twins(pytest.File):
    def collect(self):
        return [Twin.from_parent(self, name="same") for _ in range(2)]

class Twin(pytest.Item):
    def runtest(self):
        pass

def pytest_collect_file(file_path, parent):
    return Twins.from_parent(parent, path=file_path) if file_path.name == "test_small.py" else None
"""
"""A conftest.py with a collector whose tests have the same node id."""


@pytest.fixture(params=["0", "2"])
def run(request, tmp_path):
    """Runs a suite of two tests with a conftest.py, in that many processes; the exit code and what was printed."""

    def run(conftest: str, *options: str) -> tuple[int, str]:
        (tmp_path / "conftest.py").write_text(conftest)
        (tmp_path / "test_small.py").write_text("def test_a(): pass\ndef test_b(): pass\n")
        (tmp_path / "pytest.ini").write_text("[pytest]\n")
        plugins = ("-p", "xdist.plugin", "-p", "tests.every_test_runs")
        command = [sys.executable, "-m", "pytest", *plugins, "-n", request.param, *options, tmp_path]
        env = os.environ | {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}  # the others take seconds to load
        ended = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False)
        return ended.returncode, ended.stdout + ended.stderr

    return run


def test_a_run_of_all_tests_is_as_it_was(run):
    code, printed = run("")
    assert code == pytest.ExitCode.OK
    assert "2 passed" in printed


def test_a_test_that_did_not_run_fails_the_run(run):
    code, printed = run(FORGETS)
    assert code == pytest.ExitCode.TESTS_FAILED
    assert "1 of 2 collected tests did not run: " in printed
    assert "test_small.py::test_b" in printed


def test_equal_node_ids_are_refused(run):
    code, printed = run(TWINS)
    assert code == pytest.ExitCode.USAGE_ERROR
    assert "several tests have the same node id, give each its own: " in printed
    assert "test_small.py::same" in printed


def test_a_test_left_out_on_purpose_is_not_missed(run):
    assert run("", "-k", "test_a")[0] == pytest.ExitCode.OK
    assert run("", "--collect-only")[0] == pytest.ExitCode.OK

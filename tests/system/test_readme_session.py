"""The examples of README and docs, run as they stand on a real server, print what the pages say."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests import pages
from tests.pages import README, Example
from tests.waiting import PATIENCE

ADDRESS = "127.0.0.1:8000"
CURLS = ["standard library"]
if shutil.which("curl"):
    CURLS = ["curl", pytest.param("standard library", marks=pytest.mark.long)]
"""What performs the pages' curl commands: curl, and tests/system/curl.py, which stands in for it."""
WITH_EXAMPLES = [page for page in pages.DOCS if pages.examples(page)]


pytestmark = pytest.mark.usefixtures("curl")


@pytest.fixture(params=CURLS)
def curl(request, monkeypatch, tmp_path_factory):
    """The command curl, as commands find it on the PATH."""
    if request.param == "standard library":
        program = tmp_path_factory.mktemp("bin") / "curl"
        program.write_text(f'#!/bin/sh\nexec "{sys.executable}" "{Path(__file__).with_name("curl.py")}" "$@"\n')
        program.chmod(0o755)
        monkeypatch.setenv("PATH", f"{program.parent}{os.pathsep}{os.environ['PATH']}")


def comparable(printed: str) -> str:
    """What was printed, without what differs from run to run, and with floats to six digits.

    Which of the starts that end in one minimum leads is a matter of the machine's last digit.
    """
    printed = re.sub(r'"(\w+_at|id|training_id|digest)":( ?)"[^"]+"', r'"\1":\2"…"', printed)
    printed = re.sub(r'"(seconds|iterations|start)":( ?)[0-9.e-]+', r'"\1":\2…', printed)
    printed = re.sub(r"-?\d+\.\d{7,}(e-?\d+)?", lambda number: f"{float(number.group()):.6g}", printed)
    return printed.rstrip("\n")


def run(command: list[str], directory: Path) -> str:
    """What a command prints. It must end well."""
    ended = subprocess.run(command, cwd=directory, capture_output=True, text=True, timeout=PATIENCE, check=True)
    return ended.stdout


def run_example(example: Example, url: str, directory: Path) -> str:
    """What an example prints when the service is at this URL."""
    code = example.code.replace(ADDRESS, url.removeprefix("http://"))
    shell = ["bash", "-o", "pipefail", "-c"] if example.language == "console" else [sys.executable, "-c"]
    return run([*shell, code], directory)


def go_through(page: Path, url: str, directory: Path) -> list[str]:
    """Run the examples of a page, and return what each printed. It must be what the page says."""
    found = []
    for example in pages.examples(page):
        printed = run_example(example, url, directory)
        assert comparable(printed) == comparable(example.printed), example.code
        found.append(printed)
    return found


def test_session_and_score_by_hand(server, tmp_path):
    printed = go_through(README, server().url, tmp_path)
    assert len(printed) >= 7
    score = next(json.loads(answer) for answer in printed if "E-1042" in answer)["predictions"][0]["probability"]
    assert float(printed[-1]) == pytest.approx(score, rel=0, abs=1e-12)


@pytest.mark.long
@pytest.mark.parametrize("page", WITH_EXAMPLES, ids=lambda page: page.stem)
def test_examples_after_the_session(server, sample, tmp_path, page):
    """What README's session leaves behind: the sample file, and a model trained on it."""
    started = server()
    (tmp_path / "promotions.csv").write_text(sample, encoding="utf-8")
    started.train(sample, "?report=false").raise_for_status()
    assert go_through(page, started.url, tmp_path)

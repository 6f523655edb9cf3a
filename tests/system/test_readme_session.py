"""The README's session, run as it stands on a real server, prints what the README says."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.waiting import PATIENCE

README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
ADDRESS = "http://127.0.0.1:8000"


def session() -> list[tuple[str, str]]:
    """The commands, and what each is said to print."""
    block = README.split("<!-- session:", 1)[1].split("```console\n", 1)[1].split("```", 1)[0]
    steps = [step.partition("\n") for step in block.split("$ ")[1:]]
    return [(command, printed) for command, _, printed in steps]


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


def test_session_and_score_by_hand(server, tmp_path):
    url = server().url
    score = None
    assert len(session()) >= 8
    for command, said in session():
        printed = run(["bash", "-o", "pipefail", "-c", command.replace(ADDRESS, url)], tmp_path)
        assert comparable(printed) == comparable(said), command
        if "E-1042" in command:
            score = json.loads(printed)["predictions"][0]["probability"]

    code = README.split("```python\n", 1)[1].split("```", 1)[0].replace(ADDRESS, url)
    by_hand = float(run([sys.executable, "-c", code], tmp_path))
    assert by_hand == pytest.approx(score, rel=0, abs=1e-12)

"""One more row in the table of the inputs is all that a third input needs."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from app.inputs import HIGHEST, INPUTS, NAMES, Input

ROOT = Path(__file__).parents[1]


def test_the_table_says_what_the_notes_say():
    assert NAMES == ("years_of_experience", "performance_score")
    assert HIGHEST == {"years_of_experience": 80, "performance_score": 100}
    assert [(each.step, each.may_fall) for each in INPUTS] == [(0.5, False), (1.0, True)]


def test_nothing_changes_a_row():
    with pytest.raises(AttributeError):
        INPUTS[0].highest = 90
    assert Input.__dataclass_params__.frozen


def test_a_third_input_needs_a_row_and_nothing_else():
    """In a process of its own: the table is read when the service is imported."""
    script = ROOT / "tests" / "third_input.py"
    done = subprocess.run(
        [sys.executable, str(script)],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "trained, predicted, explained, audited, inferred"

"""One more row in the table of what an explanation says is all that a new field needs."""

import os
import subprocess
import sys
from pathlib import Path

from app.api.explanations.csv import COLUMNS
from app.api.explanations.table import FIELDS
from app.api.open_inference.outputs import DATATYPES

ROOT = Path(__file__).parents[3]


def test_a_field_needs_a_row_and_nothing_else():
    """In a process of its own: the table is read when the service is imported."""
    done = subprocess.run(
        [sys.executable, str(Path(__file__).with_name("another_field.py"))],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "JSON, CSV, tensors, contract"


def test_the_three_orders_stay():
    """Callers read CSV by position, and people read the metadata from top to bottom."""
    assert [field.name for field in FIELDS] == [
        "base_logit",
        "base_probability",
        "residual",
        "background",
        "contributions",
        "reasons",
        "changes",
        "highest_reachable_probability",
        "interval",
        "outside_training_data",
        "warnings",
        "refer_to_person",
    ]
    assert COLUMNS == (
        "employee_id",
        "probability",
        "promote",
        "base_logit",
        "base_probability",
        "years_of_experience.logit",
        "years_of_experience.probability",
        "performance_score.logit",
        "performance_score.probability",
        "residual",
        "reason_1",
        "reason_2",
        "change",
        "change.years_of_experience",
        "change.performance_score",
        "change.probability",
        "change.distance",
        "highest_reachable_probability",
        "interval.low",
        "interval.high",
        "warnings",
        "refer_to_person",
    )
    assert list(DATATYPES) == [
        "probability",
        "promote",
        "base_logit",
        "base_probability",
        "contributions_logit",
        "contributions_probability",
        "residual",
        "interval_low",
        "interval_high",
        "nearest_change",
        "nearest_change_found",
        "highest_reachable_probability",
        "outside_training_data",
        "interval_crosses_threshold",
        "few_similar_cases",
        "refer_to_person",
    ]

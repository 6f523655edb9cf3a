"""From the body of POST /train, a million decisions as CSV, to the 201, beside reader and fit in this process; and the
memory of it.
"""

import tempfile

import numpy as np

from app.api.bodies.records import PastDecisions
from app.network.options import FitOptions
from benchmarks.memory import watched
from benchmarks.scoring import train
from benchmarks.servers import service
from benchmarks.table import Row, compare
from benchmarks.training import train as fit
from benchmarks.worlds import make

TARGET = 1 / 3
BODIES = 6
"""The memory that the whole way may take, in bodies."""


def run(quick: bool) -> list[Row]:
    """Continuous inputs, then whole years and scores."""
    n, rounds = (20_000, 1) if quick else (1_000_000, 5)
    rows = []
    with tempfile.TemporaryDirectory() as data, service(data) as (address, pid):
        train(address)
        for world, digits in (("exclusive", 4), ("tied", 0)):
            csv = _csv(world, n, digits)
            rows.append(
                compare(
                    f"{n:,} decisions to the 201, {world}",
                    lambda csv=csv: train(address, csv),
                    lambda csv=csv: _here(csv),
                    baseline_name="reader and fit in process",
                    target=None if quick else TARGET,
                    rounds=rounds,
                )
            )
            with watched(pid) as peak:
                train(address, csv)
            grown = peak.grown / len(csv)
            spared = BODIES / grown
            name = f"memory of it, in bodies of {len(csv) / 1e6:.0f} MB"
            rows.append(Row(name, grown, BODIES, "", "the target", spared, (spared, spared), None if quick else 1))
    return rows


def _here(csv: bytes) -> None:
    decisions = PastDecisions.from_csv({}, csv)
    fit(decisions.table[:, :-1], decisions.table[:, -1], FitOptions())


def _csv(world: str, n: int, digits: int) -> bytes:
    inputs, targets = make(world, n)
    columns = np.column_stack([inputs.round(digits), targets]).tolist()
    lines = (f"E-{i:07d},{y:.{digits}f},{s:.{digits}f},{p:.0f}" for i, (y, s, p) in enumerate(columns))
    return "\n".join(["employee_id,years_of_experience,performance_score,promoted", *lines]).encode()

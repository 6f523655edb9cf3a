"""10,000 employees as JSON records through POST /predict, beside ordinary FastAPI endpoints that score them too.

All are served by uvicorn on the same core; one client asks from another, on one connection each. Bodies are made
beforehand; the answers are read and not parsed.
"""

import os
import tempfile
from functools import partial

from benchmarks.inference import ROWS, Asking, inputs, records
from benchmarks.scoring import train
from benchmarks.servers import served
from benchmarks.table import Row, compare

BASELINES = [
    ("/predict", "an ordinary FastAPI endpoint with the same schemas", 4),
    ("/models", "an ordinary FastAPI endpoint with pydantic models", 8),
]


def run(quick: bool) -> list[Row]:
    """Against each baseline."""
    rounds, times = (2, 3) if quick else (11, 20)
    core = min(os.sched_getaffinity(0))
    with (
        tempfile.TemporaryDirectory() as data,
        served("app.main:app", data, core) as ours,
        served("benchmarks.fastapi_plain:app", data, core, "--no-access-log") as plain,
    ):
        train(ours)
        path, body, headers = records(inputs())
        return [
            compare(
                f"{ROWS:,} records as JSON, {times} times",
                partial(Asking(ours, times), path, body, headers),
                partial(Asking(plain, times), other_path, body, headers),
                baseline_name=name,
                target=None if quick else target,
                rounds=rounds,
            )
            for other_path, name, target in BASELINES
        ]

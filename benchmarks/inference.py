"""10,000 employees as a binary tensor of the Open Inference Protocol, beside the same as JSON records.

Servers on one core, one connection each, bodies made beforehand; the answers are read and not parsed.
"""

import http.client
import json
import os
import tempfile
from functools import partial
from urllib.parse import urlsplit

import numpy as np
import numpy.typing as npt
import orjson

from benchmarks.scoring import train
from benchmarks.servers import served
from benchmarks.table import Row, compare

ROWS = 10_000
TARGET = 20
_INFER = "/v2/models/promotion/infer"


def run(quick: bool) -> list[Row]:
    """Beside records through an ordinary FastAPI endpoint, and through the service's own POST /predict."""
    rounds, times = (2, 3) if quick else (11, 20)
    core = min(os.sched_getaffinity(0))
    with (
        tempfile.TemporaryDirectory() as data,
        served("app.main:app", data, core) as ours,
        served("benchmarks.fastapi_plain:app", data, core, "--no-access-log") as plain,
    ):
        train(ours)
        employees = inputs()
        return [
            compare(
                f"{ROWS:,} rows as a binary tensor, {times} times",
                partial(Asking(ours, times), *_binary(employees)),
                partial(Asking(address, times), *records(employees)),
                baseline_name=f"JSON records through {name}",
                target=None if quick else TARGET,
                rounds=rounds,
            )
            for address, name in ((plain, "an ordinary FastAPI endpoint"), (ours, "the service"))
        ]


class Asking:
    """The same request several times, on one connection."""

    def __init__(self, address: str, times: int) -> None:
        self._connection = http.client.HTTPConnection(urlsplit(address).netloc)
        self._times = times

    def __call__(self, path: str, body: bytes, headers: dict[str, str]) -> None:
        for _ in range(self._times):
            self._connection.request("POST", path, body, headers)
            response = self._connection.getresponse()
            if response.read() and response.status != 200:
                raise SystemExit(f"{path} answered {response.status}.")


def inputs() -> npt.NDArray[np.float64]:
    """Years to a tenth and whole scores (n, 2), as HR systems have them: short in JSON, eight bytes each in binary."""
    rng = np.random.default_rng(20261124)
    years, scores = rng.uniform(0, 45, ROWS).round(1), rng.integers(0, 101, ROWS)
    return np.column_stack([years, scores])


def _binary(inputs: npt.NDArray[np.float64]) -> tuple[str, bytes, dict[str, str]]:
    tensor = {"name": "employees", "shape": inputs.shape, "datatype": "FP64"}
    tensor["parameters"] = {"binary_data_size": inputs.nbytes}
    head = orjson.dumps({"inputs": [tensor], "parameters": {"binary_data_output": True}})
    lengths = {"Inference-Header-Content-Length": str(len(head))}
    return _INFER, head + inputs.tobytes(), {"Content-Type": "application/octet-stream"} | lengths


def records(inputs: npt.NDArray[np.float64]) -> tuple[str, bytes, dict[str, str]]:
    """The same as records, which have ids where tensors have none."""
    employees = [
        {"employee_id": f"E-{i}", "years_of_experience": years, "performance_score": int(score)}
        for i, (years, score) in enumerate(inputs.tolist())
    ]
    return "/predict", json.dumps({"employees": employees}).encode(), {"Content-Type": "application/json"}

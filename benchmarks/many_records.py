"""10,000 employees a request: as JSON records and as a binary tensor, beside ordinary FastAPI endpoints.

All are served by uvicorn on the same core; wrk asks from another. Bodies are made beforehand; wrk reads the answers
and does not parse them.
"""

import json
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from benchmarks.scoring import HERE, rate, train
from benchmarks.servers import served
from benchmarks.table import Row, of_rates

ROWS = 10_000
POST = HERE / "post.lua"

RECORDS, TYPED, MODELS, TENSOR = (
    "JSON records through POST /predict",
    "JSON records through an ordinary FastAPI endpoint with the same schemas",
    "JSON records through an ordinary FastAPI endpoint with pydantic models",
    "a binary tensor through POST /v2/models/promotion/infer",
)
COMPARED = [(RECORDS, TYPED, 1, 4), (RECORDS, MODELS, 1, 8), (TENSOR, TYPED, 1, 20), (TENSOR, RECORDS, 4, 20)]
"""What is compared with what, over how many connections, and the ratio that is wanted.

Four, so that the server never waits for wrk; ordinary endpoints do worse with more than one, because their threads wait
for each other.
"""


@dataclass(frozen=True)
class _Request:
    """What wrk sends: to where, the body in which file, and the Content-Type and further headers."""

    url: str
    body: Path
    headers: tuple[str, ...]

    def rate(self, connections: int, seconds: int, core: int) -> float:
        """Rows a second."""
        arguments = str(self.body), *self.headers
        return ROWS * rate(self.url, seconds, core, POST, *arguments, connections=connections)


def run(quick: bool) -> list[Row]:
    """Rows a second of each, one right after the other, round by round."""
    rounds, seconds = (2, 1) if quick else (7, 2)
    cores = sorted(os.sched_getaffinity(0))
    with (
        tempfile.TemporaryDirectory() as data,
        served("app.main:app", data, cores[0]) as ours,
        served("benchmarks.fastapi_plain:app", data, cores[0], "--no-access-log") as plain,
    ):
        train(ours)
        requests = _requests(ours, plain, Path(data))
        measured = [
            [
                [requests[name].rate(connections, seconds, cores[-1]) for name in names]
                for *names, connections, _ in COMPARED
            ]
            for _ in range(rounds)
        ]
    return [
        of_rates(
            f"{ROWS:,} rows as {name}",
            "rows/s",
            *zip(*rounds_of_both, strict=True),
            baseline_name=baseline,
            target=None if quick else target,
        )
        for (name, baseline, _, target), rounds_of_both in zip(COMPARED, zip(*measured, strict=True), strict=True)
    ]


def _requests(ours: str, plain: str, folder: Path) -> dict[str, _Request]:
    employees = inputs()
    as_records, tensor = folder / "records", folder / "tensor"
    as_records.write_bytes(records(employees))
    head = _tensor_head(employees)
    tensor.write_bytes(head + employees.tobytes())
    as_tensor = ("application/octet-stream", f"Inference-Header-Content-Length: {len(head)}")
    return {
        RECORDS: _Request(f"{ours}/predict", as_records, ("application/json",)),
        TYPED: _Request(f"{plain}/predict", as_records, ("application/json",)),
        MODELS: _Request(f"{plain}/models", as_records, ("application/json",)),
        TENSOR: _Request(f"{ours}/v2/models/promotion/infer", tensor, as_tensor),
    }


def inputs() -> npt.NDArray[np.float64]:
    """Years to a tenth and whole scores (n, 2), as HR systems have them: short in JSON, eight bytes each in binary."""
    rng = np.random.default_rng(20261124)
    years, scores = rng.uniform(0, 45, ROWS).round(1), rng.integers(0, 101, ROWS)
    return np.column_stack([years, scores])


def _tensor_head(inputs: npt.NDArray[np.float64]) -> bytes:
    """The JSON object before the numbers; both outputs are wanted in binary."""
    tensor = {"name": "employees", "shape": inputs.shape, "datatype": "FP64"}
    tensor["parameters"] = {"binary_data_size": inputs.nbytes}
    return json.dumps({"inputs": [tensor], "parameters": {"binary_data_output": True}}).encode()


def records(inputs: npt.NDArray[np.float64]) -> bytes:
    """The same as records, which have ids where tensors have none."""
    employees = [
        {"employee_id": f"E-{i}", "years_of_experience": years, "performance_score": int(score)}
        for i, (years, score) in enumerate(inputs.tolist())
    ]
    return json.dumps({"employees": employees}).encode()

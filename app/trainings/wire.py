"""What the service and the process that trains say to each other, over the latter's standard input and output.

    in    a line of JSON, the options and the number of rows; then the records, as job.py keeps them
    out   lines of JSON: {"progress": …} now and then; last {"result": …}, or {"unusable": why}

JSON carries every float64 exactly: Python writes the shortest digits that read back as the same number.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict
from io import BufferedReader
from typing import Any

import numpy as np

from app.insight.evidence import evidence
from app.network.fitted import Fitted
from app.network.options import FitOptions
from app.network.parameters import Parameters
from app.network.progress import Progress
from app.network.rows import blocks
from app.network.training_set import UnusableData
from app.trainings.result import Result


def encode_head(rows: int, input_names: Sequence[str], options: FitOptions, threshold: float, report: bool) -> bytes:
    """What goes before the records of a job; see job.py."""
    return _line(
        {
            "rows": rows,
            "input_names": list(input_names),
            "options": asdict(options),
            "threshold": threshold,
            "report": report,
        }
    )


def decode_job(stream: BufferedReader) -> dict[str, Any]:
    """What making.make takes, as it was encoded. Raises EOFError when there is less than a job."""
    line = stream.readline()
    if not line.endswith(b"\n"):
        raise EOFError("There is no job.")
    head = json.loads(line)
    columns = np.empty((len(head["input_names"]) + 1, head.pop("rows")))
    for part in blocks(columns.shape[1]):
        rows = np.empty(columns[:, part].T.shape, "<f8")
        if stream.readinto(rows.data) != rows.nbytes:
            raise EOFError("The job is not whole.")
        columns[:, part] = rows.T
    # Column by column in memory, as all that is done with it wants it: nobody needs a copy.
    return {**head, "table": columns.T, "options": FitOptions(**head["options"])}


def encode_progress(progress: Progress) -> bytes:
    """How far a training is."""
    return _line({"progress": asdict(progress)})


def encode_result(result: Result) -> bytes:
    """What a training came to."""
    fitted, known = result.fitted, result.evidence
    p = fitted.parameters
    parameters = {
        "hidden": None if p.hidden is None else p.hidden.tolist(),
        "hidden_bias": None if p.hidden_bias is None else p.hidden_bias.tolist(),
        "output": p.output.tolist(),
        "output_bias": p.output_bias,
    }
    rest = {
        "outcome": fitted.outcome,
        "iterations": fitted.iterations,
        "loss": fitted.loss,
        "objective": fitted.objective,
    }
    tensors = {} if known is None else evidence.tensors(known)
    message = {
        "fitted": rest | {"parameters": parameters},
        "evidence": {name: tensor.tolist() for name, tensor in tensors.items()},
        "report": result.report,
    }
    return _line({"result": message})


def encode_unusable(error: UnusableData) -> bytes:
    """Why the records cannot be trained on."""
    return _line({"unusable": str(error)})


def decode_message(line: bytes) -> Progress | Result:
    """The inverse of `encode_progress` and `encode_result`. Raises UnusableData when that was the message."""
    message = json.loads(line)
    if "progress" in message:
        return Progress(**message["progress"])
    if "unusable" in message:
        raise UnusableData(message["unusable"])
    result = message["result"]
    p = result["fitted"].pop("parameters")
    parameters = Parameters(
        hidden=None if p["hidden"] is None else np.array(p["hidden"]),
        hidden_bias=None if p["hidden_bias"] is None else np.array(p["hidden_bias"]),
        output=np.array(p["output"]),
        output_bias=p["output_bias"],
    )
    tensors = {name: np.array(values) for name, values in result["evidence"].items()}
    known = evidence.from_tensors(tensors) if tensors else None
    return Result(Fitted(parameters=parameters, **result["fitted"]), known, result["report"])


def _line(message: dict[str, object]) -> bytes:
    return json.dumps(message).encode() + b"\n"

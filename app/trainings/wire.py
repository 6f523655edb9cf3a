"""What the service and the process that trains say to each other, over the latter's standard input and output.

    in    a line of JSON, the options and the numbers of inputs and rows; then the records, as job.py keeps them
    out   lines of JSON: {"progress": …} now and then; last {"fitted": …}, or {"unusable": why}

JSON carries every float64 exactly: Python writes the shortest digits that read back as the same number.
"""

import json
from dataclasses import asdict
from io import BufferedReader

import numpy as np

from app.network.fit import FitOptions, Fitted, UnusableData
from app.network.parameters import Array, Parameters
from app.network.training import Progress


def encode_head(table: Array, options: FitOptions) -> bytes:
    """What goes before the records of a table (n, d + 1)."""
    return _line({"inputs": table.shape[1] - 1, "rows": len(table), "options": asdict(options)})


def decode_job(stream: BufferedReader) -> tuple[Array, Array, FitOptions]:
    """Inputs (n, d), targets (n,) and options of what was encoded. Raises EOFError when there is less than a job."""
    line = stream.readline()
    if not line.endswith(b"\n"):
        raise EOFError("There is no job.")
    head = json.loads(line)
    table = np.empty((head["rows"], head["inputs"] + 1), "<f8")
    if stream.readinto(table.data) != table.nbytes:
        raise EOFError("The job is not whole.")
    return table[:, :-1], table[:, -1], FitOptions(**head["options"])


def encode_progress(progress: Progress) -> bytes:
    """How far a training is."""
    return _line({"progress": asdict(progress)})


def encode_fitted(fitted: Fitted) -> bytes:
    """What a training came to."""
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
    return _line({"fitted": rest | {"parameters": parameters}})


def encode_unusable(error: UnusableData) -> bytes:
    """Why the records cannot be trained on."""
    return _line({"unusable": str(error)})


def decode_message(line: bytes) -> Progress | Fitted:
    """The inverse of `encode_progress` and `encode_fitted`. Raises UnusableData when that was the message."""
    message = json.loads(line)
    if "progress" in message:
        return Progress(**message["progress"])
    if "unusable" in message:
        raise UnusableData(message["unusable"])
    p = message["fitted"].pop("parameters")
    parameters = Parameters(
        hidden=None if p["hidden"] is None else np.array(p["hidden"]),
        hidden_bias=None if p["hidden_bias"] is None else np.array(p["hidden_bias"]),
        output=np.array(p["output"]),
        output_bias=p["output_bias"],
    )
    return Fitted(parameters=parameters, **message["fitted"])


def _line(message: dict[str, object]) -> bytes:
    return json.dumps(message).encode() + b"\n"

"""What the service and the process that trains say to each other, over the latter's standard input and output.

    in    a line of JSON, the options; then two arrays in NumPy's format: inputs (n, d) and targets (n,)
    out   a line of JSON: {"fitted": …}, or {"unusable": why} for records that cannot be trained on

JSON carries every float64 exactly: Python writes the shortest digits that read back as the same number.
"""

import io
import json
from dataclasses import asdict
from typing import BinaryIO

import numpy as np

from app.network.fit import FitOptions, Fitted, UnusableData
from app.network.parameters import Array, Parameters


def encode_job(inputs: Array, targets: Array, options: FitOptions) -> bytes:
    """One training's options and records."""
    job = io.BytesIO()
    job.write(json.dumps(asdict(options)).encode() + b"\n")
    np.save(job, inputs, allow_pickle=False)
    np.save(job, targets, allow_pickle=False)
    return job.getvalue()


def decode_job(stream: BinaryIO) -> tuple[Array, Array, FitOptions]:
    """The inverse of `encode_job`."""
    options = FitOptions(**json.loads(stream.readline()))
    # One read of everything: NumPy cannot read arrays straight from a pipe.
    arrays = io.BytesIO(stream.read())
    return np.load(arrays, allow_pickle=False), np.load(arrays, allow_pickle=False), options


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
    return json.dumps({"fitted": rest | {"parameters": parameters}}).encode()


def encode_unusable(error: UnusableData) -> bytes:
    """Why the records cannot be trained on."""
    return json.dumps({"unusable": str(error)}).encode()


def decode_answer(answer: bytes) -> Fitted:
    """The inverse of `encode_fitted`. Raises UnusableData when that was the answer."""
    message = json.loads(answer)
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

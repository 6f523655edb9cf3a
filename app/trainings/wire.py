"""What the service and the process that trains say to each other, over the latter's standard input and output.

    in    a line of JSON, the options and the number of rows; then the records, as job.py keeps them
    out   lines of JSON: {"progress": …} now and then; last {"result": …}, or {"unusable": why}

JSON carries every float64 exactly: Python writes the shortest digits that read back as the same number.
"""

import json
from dataclasses import asdict
from io import BufferedReader

import numpy as np

from app.network.fitted import Fitted
from app.network.parameters import Parameters
from app.network.progress import Progress
from app.network.rows import blocks
from app.network.training_set import UnusableData
from app.trainings.job import Job, job_of
from app.trainings.result import Result


def encode_job(job: Job) -> list[bytes | memoryview]:
    """What the process that trains reads."""
    return [_line({"rows": job.rows} | job.options()), job.records()]


def decode_job(stream: BufferedReader) -> Job:
    """The inverse of `encode_job`. Raises EOFError when there is less than a job."""
    line = stream.readline()
    if not line.endswith(b"\n"):
        raise EOFError("There is no job.")
    options = json.loads(line)
    columns = np.empty((len(options["input_names"]) + 1, options.pop("rows")))
    for part in blocks(columns.shape[1]):
        rows = np.empty(columns[:, part].T.shape, "<f8")
        if stream.readinto(rows.data) != rows.nbytes:
            raise EOFError("The job is not whole.")
        columns[:, part] = rows.T
    # Column by column in memory, as all that is done with it wants it: nobody needs a copy.
    return job_of(options, columns.T)


def encode_progress(progress: Progress) -> bytes:
    """How far a training is."""
    return _line({"progress": asdict(progress)})


def encode_result(result: Result) -> bytes:
    """What a training came to."""
    fitted, evidence = result.fitted, result.evidence
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
    message = {
        "fitted": rest | {"parameters": parameters},
        "evidence": None if evidence is None else {name: tensor.tolist() for name, tensor in evidence.items()},
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
    evidence = result["evidence"]
    tensors = None if evidence is None else {name: np.array(values) for name, values in evidence.items()}
    return Result(Fitted(parameters=parameters, **result["fitted"]), tensors, result["report"])


def _line(message: dict[str, object]) -> bytes:
    return json.dumps(message).encode() + b"\n"

"""What the service and the process that trains say to each other arrives bit for bit."""

import io
import math
from dataclasses import asdict

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.network.fitted import Fitted
from app.network.options import FitOptions
from app.network.parameters import Parameters
from app.network.progress import Progress
from app.network.training_set import UnusableData
from app.trainings.job import Job
from app.trainings.result import Result
from app.trainings.wire import (
    decode_job,
    decode_message,
    encode_job,
    encode_progress,
    encode_result,
    encode_unusable,
)

anything = st.floats()
finite = st.floats(allow_nan=False, allow_infinity=False)
told = st.floats(allow_nan=False) | st.just(math.nan)  # JSON has one NaN


def bits(numbers):
    return np.asarray(numbers, dtype="<f8").tobytes()


@given(st.lists(st.tuples(anything, anything, anything), min_size=1, max_size=9), finite, st.integers(0, 2**32 - 1))
def test_a_job(rows, alpha, seed):
    table = np.array(rows, dtype=float).reshape(len(rows), 3)
    options = FitOptions(network="single_neuron", alpha=alpha, seed=seed, epochs=7, learning_rate=0.1)
    job = decode_job(io.BytesIO(b"".join(encode_job(Job(("x", "y"), table, options, 0.3, False, True)))))
    assert (job.table.shape, bits(job.table)) == (table.shape, bits(table))
    assert (job.input_names, job.threshold, job.activate, job.report) == (("x", "y"), 0.3, False, True)
    assert (received := job.fit) == options
    assert {name: type(value) for name, value in asdict(received).items()} == {
        name: type(value) for name, value in asdict(options).items()
    }


@given(st.lists(finite, min_size=9, max_size=9), told, told, st.booleans())
def test_a_result(weights, loss, objective, hidden):
    sent = Parameters(
        hidden=np.array(weights[:4]).reshape(2, 2) if hidden else None,
        hidden_bias=np.array(weights[4:6]) if hidden else None,
        output=np.array(weights[6:8]),
        output_bias=weights[8],
    )
    report = {"rows": 3, "why": None}
    result = decode_message(encode_result(Result(Fitted(sent, "iteration_limit", 12, loss, objective), None, report)))
    assert (result.evidence, result.report) == (None, report)
    answer = result.fitted
    assert (answer.outcome, answer.iterations) == ("iteration_limit", 12)
    assert bits([answer.loss, answer.objective]) == bits([loss, objective])
    assert (answer.parameters.hidden is None) == (answer.parameters.hidden_bias is None) == (not hidden)
    for name in ("hidden", "hidden_bias", "output", "output_bias"):
        if (value := getattr(sent, name)) is not None:
            received = getattr(answer.parameters, name)
            assert (np.shape(received), bits(received)) == (np.shape(value), bits(value))


def test_a_refusal():
    with pytest.raises(UnusableData, match=r"^at least 3 rows are needed$"):
        decode_message(encode_unusable(UnusableData("at least 3 rows are needed")))


def test_less_than_a_job_is_none():
    job = b"".join(encode_job(Job(("x", "y"), np.ones((3, 3)), FitOptions(), 0.5, True, False)))
    for length in (0, 1, 20, job.index(b"\n"), job.index(b"\n") + 1, len(job) - 24, len(job) - 1):
        with pytest.raises(EOFError):
            decode_job(io.BytesIO(job[:length]))


@given(finite, st.floats(0, 1))
def test_a_progress(loss, done):
    sent = Progress(3, 16, 12, loss, done)
    line = encode_progress(sent)
    assert line.index(b"\n") == len(line) - 1, "one message a line"
    assert decode_message(line) == sent

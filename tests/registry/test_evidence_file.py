"""What a version's scores are explained with is stored and handed on bit for bit, and holds nobody's record."""

import json

import numpy as np
import pytest

from app.insight.evidence import evidence
from app.network.fit import solve
from app.network.fitted import Fitted
from app.network.options import FitOptions
from app.network.training_set import pose
from app.registry import evidence_file
from app.trainings.result import Result
from app.trainings.wire import decode_message, encode_result


def trained(n, threshold=0.5, **options):
    rng = np.random.default_rng(4)
    X = np.column_stack([rng.uniform(0, 40, n), rng.uniform(0, 100, n)])
    y = (rng.random(n) < 1 / (1 + np.exp(4 - 0.05 * X.sum(axis=1)))).astype(float)
    chosen = FitOptions(starts=4, **options)
    problem = pose(X, y, chosen)
    run = solve(problem, chosen)
    while True:
        try:
            next(run)
        except StopIteration as end:
            fitted: Fitted = end.value
            return X, fitted, evidence.collect(problem, fitted.parameters, threshold)


@pytest.mark.parametrize(
    ("n", "threshold", "options"),
    [
        (40, 0.5, {}),
        pytest.param(900, 0.5, {"hidden_units": 16}, marks=pytest.mark.long),
        (900, 1.0, {}),
        (900, 0.2, {"network": "single_neuron"}),
    ],
)
def test_it_comes_back_bit_for_bit(n, threshold, options):
    X, fitted, known = trained(n, threshold, **options)
    assert (known.just_above_threshold is None) == (threshold == 1.0)
    told = decode_message(encode_result(Result(fitted, evidence.tensors(known), None))).evidence
    for other in (evidence_file.decode(evidence_file.encode(evidence.tensors(known))), evidence.from_tensors(told)):
        sent, received = evidence.tensors(known), evidence.tensors(other)
        assert list(sent) == list(received)
        for name, tensor in sent.items():
            assert (tensor.shape, tensor.tobytes()) == (received[name].shape, received[name].tobytes()), name
        assert other.familiarity.rows == n
        points = X[:5]
        assert np.array_equal(other.familiarity.few_similar(points), known.familiarity.few_similar(points))
        assert np.array_equal(
            other.posterior.deviation(fitted.parameters, points), known.posterior.deviation(fitted.parameters, points)
        )


def test_of_many_employees_256_points_are_kept_and_no_order():
    X, _, known = trained(5000)
    assert len(known.training.weights) == 256
    assert known.training.weights.sum() == pytest.approx(1)
    kept = {tuple(point) for point in known.training.points.tolist()}
    assert len(kept & {tuple(row) for row in X.tolist()}) < 40  # means of some twenty employees
    assert len(evidence_file.encode(evidence.tensors(known))) < 20_000


def test_a_result_without_evidence_has_none():
    _, fitted, _ = trained(40)
    line = encode_result(Result(fitted, None, {"rows": 40}))
    assert json.loads(line)["result"]["evidence"] is None
    assert decode_message(line).evidence is None

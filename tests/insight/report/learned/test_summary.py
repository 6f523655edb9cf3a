"""What the model learned: stretches against the direction by hand, effective parameters by the hat matrix."""

from __future__ import annotations

import json

import numpy as np
import pytest

from app.insight.report.learned.summary import direction, effective_parameters, learned
from app.network.forward import score
from app.network.parameters import Array, Parameters
from app.network.training_set import pose
from tests.insight.runs import ended, trained
from tests.network.training_sets import exclusive, separable, slope

NAMES = ["years", "score"]
# In years a hill around 20: it rises to there, and falls from there, whatever the score, which adds a slope of its own.
HILL = Parameters(np.array([[0.5, -0.5], [0.02, 0.02]]), np.array([-5.0, 13.0]), np.array([4.0, 4.0]), -5.0)


def test_a_hill_falls_behind_its_top() -> None:
    X = np.column_stack([np.linspace(0, 40, 81), np.full(81, 50.0)])
    X[0, 1], X[-1, 1] = 49.0, 51.0
    found = direction(HILL, 0, X, NAMES)
    top = X[score(HILL, X).argmax(), 0]
    assert found["direction"] == "neither"
    assert found["proved"] is True
    assert found["mostly"] == "falling"
    (stretch,) = found["where"]
    assert (stretch["from"], stretch["to"]) == (0.0, pytest.approx(top, abs=1.0))
    assert stretch["others"] == [{"input": "score", "from": 49.0, "to": 51.0}]
    assert stretch["rows"] == pytest.approx((X[:, 0] <= top).sum(), abs=2)
    climb = score(HILL, np.array([[top, 51.0]]))[0] - score(HILL, np.array([[0.0, 51.0]]))[0]
    assert found["largest_reversal"] == pytest.approx(climb, rel=0.02)


def test_a_stretch_names_the_others_for_which_it_holds() -> None:
    """Years count everywhere but along the line score = 60 + years/2, which the second unit makes a steep step down."""
    X = np.random.default_rng(0).uniform([0, 0], [40, 100], (2000, 2))
    parameters = Parameters(np.array([[0.1, -1.0], [0.0, 2.0]]), np.array([-2.0, -120.0]), np.array([5.0, 6.0]), -6.0)
    found = direction(parameters, 0, X, NAMES)
    assert (found["direction"], found["mostly"]) == ("neither", "rising")
    (stretch,) = found["where"]
    assert (stretch["from"], stretch["to"]) == (X[:, 0].min(), X[:, 0].max())
    (score_range,) = stretch["others"]
    # 6·a(1 − a) of that step outweighs .1·5·a(1 − a) of the rise up to some two points of score from the line.
    assert score_range == {
        "input": "score", "from": pytest.approx(57.5, abs=1.5), "to": pytest.approx(82.5, abs=1.5)
    }  # fmt: skip
    beside = np.abs(X[:, 1] - 60 - X[:, 0] / 2)
    assert (beside < 1.5).sum() < stretch["rows"] < (beside < 3).sum()
    assert found["largest_reversal"] > 0.7


def test_a_monotone_score_has_no_stretches() -> None:
    X, y = separable(100)
    fitted, _ = trained(X, y)
    for i in range(2):
        found = direction(fitted.parameters, i, X, NAMES)
        assert found["direction"] == "rising"
        assert (found["where"], found["mostly"], found["largest_reversal"]) == ([], None, 0.0)


def hat_trace(X: Array, p: Array, alpha: float) -> float:
    """Trace of the hat matrix of a ridge logistic regression: W½X(XᵀWX + alpha·D)⁻¹XᵀW½."""
    design = np.column_stack([(X - X.mean(axis=0)) / X.std(axis=0), np.ones(len(X))])
    root = design * np.sqrt(p * (1 - p))[:, None]
    return float(np.trace(root @ np.linalg.solve(root.T @ root + alpha * np.diag([1.0, 1.0, 0.0]), root.T)))


@pytest.mark.parametrize("alpha", [0.01, 0.1, 10.0, 1000.0])
def test_effective_parameters_of_the_neuron_are_the_trace_of_its_hat_matrix(alpha: float) -> None:
    X, y = slope(150)
    fitted, chosen = trained(X, y, network="single_neuron", alpha=alpha)
    expected = hat_trace(X, score(fitted.parameters, X), alpha)
    assert effective_parameters(fitted.parameters, pose(X, y, chosen)) == pytest.approx(expected, rel=1e-9)


def test_effective_parameters_fall_from_all_to_the_bias_alone() -> None:
    X, y = exclusive(2000)
    found = []
    for alpha in (0.01, 0.1, 10.0, 1e6):
        fitted, chosen = trained(X, y, alpha=alpha)
        found.append(effective_parameters(fitted.parameters, pose(X, y, chosen)))
    assert found == sorted(found, reverse=True)
    assert 8.0 < found[0] <= 9.0
    assert found[-1] == pytest.approx(1.0, abs=0.01)


@pytest.mark.parametrize("options", [{}, {"network": "single_neuron"}, {"hidden_units": 4}, {"alpha": 0.0}])
@pytest.mark.parametrize("kind", ["twelve", "one in a hundred", "constant", "perfect", "three"])
def test_every_section_is_json_without_nan(kind: str, options: dict[str, object]) -> None:
    X, y = slope(12 if kind == "twelve" else 100)
    if kind == "one in a hundred":
        y = (X[:, 0] == X[:, 0].max()).astype(float)
    if kind == "constant":
        X[:, 0] = 4.0
    if kind == "perfect":
        X, y = separable(60)
    if kind == "three":
        X = np.column_stack([X, np.random.default_rng(0).normal(size=100)])
    names = ["years", "score", "third"][: X.shape[1]]
    fitted, chosen = trained(X, y, **options, starts=16)
    found = ended(learned(fitted.parameters, pose(X, y, chosen), X, names))
    json.dumps(found, allow_nan=False)
    assert [entry["input"] for entry in found["monotone"]] == names
    assert found["parameters"] == pose(X, y, chosen).objective.layout.size
    assert 0 <= found["effective_parameters"] <= found["parameters"]
    if kind == "constant":
        assert found["monotone"][0]["direction"] == "constant"


def test_the_same_model_is_described_alike_whatever_the_order_of_rows() -> None:
    X, y = exclusive(300, whole=True)
    fitted, chosen = trained(X, y)
    order = np.random.default_rng(0).permutation(300)
    sections = [
        ended(learned(fitted.parameters, pose(X[o], y[o], chosen), X[o], NAMES)) for o in (np.arange(300), order)
    ]
    assert sections[0] == sections[1]

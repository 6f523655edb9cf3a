"""The verdict and its words."""

from __future__ import annotations

import json

import numpy as np
import pytest

from app.insight.report.signal import _verdict, signal
from app.network.training_set import pose
from tests.insight.runs import ended, trained
from tests.network.training_sets import exclusive, slope


def section(X, y, **options):
    fitted, chosen = trained(X, y, **options)
    found = ended(signal(pose(X, y, chosen).objective, fitted.loss))
    json.dumps(found, allow_nan=False)
    return found, fitted


@pytest.mark.parametrize(
    ("p", "explained", "verdict"),
    [
        (0.001, 0.05, "strong"),
        (0.01, 0.9, "strong"),
        (0.011, 0.9, "weak"),
        (0.001, 0.049, "weak"),
        (0.05, -1.0, "weak"),
        (0.051, 0.9, "none_found"),
        (1.0, 0.0, "none_found"),
    ],
)
def test_the_rule(p: float, explained: float, verdict: str) -> None:
    assert _verdict(p, explained) == verdict


def test_a_signal_is_strong_and_what_it_explains_is_corrected_for_the_weights() -> None:
    X, y = exclusive(500)
    found, fitted = section(X, y)
    share = y.mean()
    base = -share * np.log(share) - (1 - share) * np.log(1 - share)
    assert found["explained"] == pytest.approx(1 - (fitted.loss + 9 / 500) / base, rel=1e-12)
    assert (found["verdict"], found["p_value"], found["permutations"], found["rows"]) == ("strong", 0.001, 999, 500)
    assert "should not be used" not in found["statement"]
    assert " (p = 0.001). " in found["statement"]


def test_noise_has_no_signal_and_the_statement_says_what_follows() -> None:
    rng = np.random.default_rng(5)
    found, _ = section(rng.uniform(0, 40, (200, 2)), (rng.random(200) < 0.3).astype(float))
    assert found["verdict"] == "none_found"
    assert "scores of this model should not be used" in found["statement"]
    assert f"in {found['p_value']:.0%} of the shuffles" in found["statement"]


def test_a_trace_in_many_rows_is_weak_however_small_its_p() -> None:
    rng = np.random.default_rng(0)
    X = rng.uniform(0, 1, (20_000, 2))
    found, _ = section(X, (rng.random(20_000) < 0.45 + 0.1 * X[:, 0]).astype(float))
    assert (found["p_value"], found["verdict"]) == (0.001, "weak")
    assert 0 < found["explained"] < 0.02


@pytest.mark.parametrize(
    "options",
    [{}, {"network": "single_neuron"}, pytest.param({"hidden_units": 5}, marks=pytest.mark.long), {"alpha": 0.0}],
)
def test_twelve_rows_and_three_inputs_have_a_verdict(options: dict[str, object]) -> None:
    X, y = slope(12)
    found, _ = section(np.column_stack([X, np.full(12, 3.0)]), y, **options)
    assert found["rows"] == 12
    assert found["verdict"] == _verdict(found["p_value"], found["explained"])
    assert 0.001 < found["p_value"] < 0.05

"""The three sections whole: what they say of worlds whose truth is known, and of data that leave little to say."""

from __future__ import annotations

import csv
import itertools
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from app.insight.report.performance import Report, performance
from app.network.options import FitOptions
from app.network.parameters import Array
from tests.insight.worlds import drained, report
from tests.network.training_sets import exclusive, separable, slope

ROOT = Path(__file__).parents[3]
NAMES = ["years_of_experience", "performance_score"]


def as_json(found: Report) -> str:
    """Raises ValueError where there is NaN or infinity, TypeError where there is no plain Python."""
    return json.dumps(found, allow_nan=False)


def nulls_without_reason(found: object) -> list[object]:
    """Every dict in the report with a null estimate and no reason."""
    if isinstance(found, list):
        return [bad for one in found for bad in nulls_without_reason(one)]
    if not isinstance(found, dict):
        return []
    inside = [bad for one in found.values() for bad in nulls_without_reason(one)]
    nulls = [key for key, one in found.items() if one is None and key != "statement"]
    return inside + ([found] if nulls and not found.get("reason") else [])


@pytest.fixture(scope="module")
def sample() -> Report:
    """Of the sample file, whose 2,000 decisions are drawn from a known rule."""
    with (ROOT / "app/samples/promotions.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    X = np.array([[float(row[name]) for name in NAMES] for row in rows])
    return report(X, np.array([row["promoted"] == "true" for row in rows], dtype=float))


def test_the_sample_files_report(sample: Report) -> None:
    as_json(sample)
    assert not nulls_without_reason(
        {**sample, "performance": {**sample["performance"], "baselines": sample["performance"]["baselines"][1:]}}
    )
    found = sample["performance"]
    assert (found["rows"], found["promoted"], found["scheme"]) == (2000, 282, "5-fold stratified")
    assert list(found["metrics"]) == [
        "log_loss", "brier", "roc_auc", "average_precision", "accuracy", "precision", "recall", "f1", "brier_skill",
        "brier_reference",
    ]  # fmt: skip
    assert found["metrics"]["log_loss"]["low"] < 0.1558 < found["metrics"]["log_loss"]["high"]  # the rule's own
    assert found["metrics"]["brier_reference"] == pytest.approx(0.141 * 0.859, rel=1e-4)
    assert found["simplest_as_good"] == "two_layer"
    assert sum(found["confusion"].values()) == 2000
    by_name = {one["name"]: one for one in found["baselines"]}
    assert list(by_name) == ["base_rate", "years_of_experience_alone", "performance_score_alone", "single_neuron"]
    assert by_name["base_rate"]["roc_auc"]["value"] == 0.5
    assert by_name["base_rate"]["brier_skill"]["value"] == 0.0
    for one in by_name.values():
        apart = one["log_loss"]["value"] - found["metrics"]["log_loss"]["value"]
        assert one["difference"]["value"] == pytest.approx(apart, rel=1e-9)
        assert one["difference"]["low"] > 0
    assert sample["selection"]["selected"] == found["confusion"]["true_positive"] + found["confusion"]["false_positive"]
    calibration = sample["calibration"]
    assert calibration["slope"]["low"] < 1 < calibration["slope"]["high"]
    assert calibration["ece"] < 2 * calibration["ece_expected"]


@pytest.mark.parametrize(
    ("data", "simplest"),
    [
        (exclusive(400, seed=1), {"two_layer"}),
        (slope(400, seed=1), {"single_neuron"}),
        ((exclusive(300)[0], np.random.default_rng(1).random(300) < 0.3), {"base_rate"}),
    ],
    ids=["exclusive", "slope", "noise"],
)
def test_the_simplest_model_that_does_as_well(data: tuple[Array, Array], simplest: set[str]) -> None:
    found = report(*data)["performance"]
    assert {found["simplest_as_good"]} == simplest
    assert ("no simpler model" in found["statement"]) == (simplest == {"two_layer"})


@pytest.mark.parametrize("whole", [True, False])
def test_the_order_of_the_rows_changes_not_a_bit(whole: bool) -> None:
    X, y = exclusive(120, seed=2, whole=whole)
    order = np.random.default_rng(0).permutation(120)
    first = as_json(report(X, y, starts=4))
    assert as_json(report(X[order], y[order] == 1, starts=4)) == first
    assert as_json(report(X, y, starts=4, seed=1)) != first


def test_the_same_bits_in_another_process() -> None:
    program = (
        "from tests.insight.report.test_performance import *; "
        "print(as_json(report(*exclusive(90, seed=8), starts=4)))"
    )  # fmt: skip
    there = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert there.stdout.strip() == as_json(report(*exclusive(90, seed=8), starts=4))


def rare(n: int, promoted: int) -> tuple[Array, Array]:
    """So many are promoted, those of high scores the likelier."""
    X, _ = slope(n, seed=6)
    y = np.zeros(n)
    y[np.argsort(-X[:, 1])[: 3 * promoted : 3]] = 1.0
    return X, y


def constant(n: int) -> tuple[Array, Array]:
    """Every row alike."""
    return np.tile([6.5, 82.0], (n, 1)), (np.arange(n) % 3 == 0).astype(float)


@pytest.mark.parametrize("network", ["two_layer", "single_neuron"])
@pytest.mark.parametrize(
    "data",
    {
        "twelve rows": slope(12, seed=4),
        "four rows": (slope(4)[0], np.array([0.0, 1, 0, 1])),
        "perfect": separable(60),
        "constant": constant(60),
        "constant, twelve rows": constant(12),
        "one in a hundred": rare(400, 4),
        "two of twenty-five": rare(25, 2),
        "three inputs": (np.hstack([slope(80)[0], np.arange(80.0)[:, None] % 7]), slope(80)[1]),
        "one input": (slope(80)[0][:, 1:], slope(80)[1]),
        "scales apart": (slope(50)[0] * [1e-90, 1e90], slope(50)[1]),
        "one missing": (slope(50)[0], np.append(np.zeros(49), 1.0)),
    }.items(),
    ids=lambda pair: pair[0],
)
def test_little_or_odd_data_end_in_numbers_or_reasons(data: tuple[str, tuple[Array, Array]], network: str) -> None:
    name, (X, y) = data
    found = report(X, y, network=network, starts=4)
    as_json(found)
    assert not nulls_without_reason(found)
    performance, calibration = found["performance"], found["calibration"]
    assert (performance["rows"], performance["promoted"]) == (len(y), y.sum())
    if name == "one missing":
        assert performance["reason"] == found["selection"]["reason"] == calibration["reason"]
        assert "at least two of each" in performance["reason"]
        assert performance["baselines"] == calibration["bins"] == []
        return
    metrics = performance["metrics"]
    for of in metrics.values():
        if isinstance(of, dict) and of["value"] is not None:
            assert of["low"] <= of["value"] <= of["high"]
    assert sum(performance["confusion"].values()) == pytest.approx(len(y))
    if len(y) < 20:
        assert performance["scheme"] == "leave-one-out"
        assert metrics["roc_auc"]["value"] is None
    if name.startswith("constant"):
        assert performance["simplest_as_good"] == "base_rate"
        # A third was promoted. Without one of 12 rows it is 3 of 11 for those promoted and 4 of 11 for the others.
        of_one = {60: -(np.log(1 / 3) + 2 * np.log(2 / 3)) / 3, 12: -(np.log(3 / 11) + 2 * np.log(7 / 11)) / 3}
        assert metrics["log_loss"]["value"] == pytest.approx(of_one[len(y)], rel=1e-5)
        assert "within its noise" in performance["statement"]
    if name == "perfect":
        assert metrics["accuracy"]["low"] < 1.0
        assert metrics["roc_auc"]["value"] > 0.95
    if name == "one in a hundred":
        assert found["selection"]["selected"] == 0
        assert "selects nobody" in found["selection"]["statement"]
        assert 0 < found["selection"]["threshold_for_historical_share"] < 0.5
        assert metrics["precision"]["reason"] == "nobody is selected"


def test_a_network_that_separates_has_no_slope_but_an_interval() -> None:
    X = np.repeat([[1.0, 1.0], [30.0, 90.0]], 20, axis=0)
    found = report(X, np.repeat([0.0, 1.0], 20), starts=2)
    assert "perfectly" in found["calibration"]["slope"]["reason"]
    assert found["performance"]["metrics"]["accuracy"]["value"] == 1.0
    assert 0.9 < found["performance"]["metrics"]["accuracy"]["low"] < 0.92  # Wilson, 40 of 40
    assert found["performance"]["metrics"]["roc_auc"]["low"] < 1.0


def test_it_says_how_far_it_is_and_can_be_dropped() -> None:
    X, y = exclusive(120)
    _, seen = drained(performance(X, y, FitOptions(starts=2), 0.5, NAMES))
    assert all(0 <= sooner <= later for sooner, later in itertools.pairwise(seen))
    assert seen[-1] == pytest.approx(1.0)
    assert seen[0] < 0.02
    run = performance(X, y, FitOptions(), 0.5, NAMES)
    next(run)
    run.close()
    assert list(run) == []


def test_the_threshold_counts() -> None:
    X, y = slope(200, seed=3)
    low, high = (report(X, y, threshold, starts=2)["performance"] for threshold in (0.2, 0.8))
    assert low["confusion"]["true_positive"] > high["confusion"]["true_positive"]
    assert low["threshold"] == 0.2
    assert low["metrics"]["log_loss"] == high["metrics"]["log_loss"]

"""The simplest model that does as well, and the words for it."""

from __future__ import annotations

import numpy as np
import pytest

from app.insight.report.added_value import difference, simplest_as_good, statement
from app.insight.report.baselines import baselines
from app.network.options import FitOptions
from app.network.parameters import Array

NAMES = ("two_layer", "base_rate", "years_alone", "score_alone", "single_neuron")


def losses(*worse: float) -> dict[str, Array]:
    """Of the network and of each baseline on 100 rows, so much worse in the mean, give or take .004 (95 %)."""
    rng = np.random.default_rng(0)
    hard = rng.exponential(0.3, 100)
    noise = rng.normal(0, 0.02, (4, 100))
    noise -= noise.mean(1, keepdims=True)
    simpler = {name: hard + by + one for name, by, one in zip(NAMES[1:], worse, noise, strict=True)}
    return {NAMES[0]: hard} | simpler


def test_the_difference_is_paired() -> None:
    of = losses(0.1, 0.1, 0.1, 0.01)
    found = difference(of["two_layer"], of["single_neuron"])
    assert found["value"] == pytest.approx(0.01)
    assert 0.004 < found["low"] < found["value"] < found["high"] < 0.016  # the losses themselves vary by ±.06
    assert difference(of["single_neuron"], of["two_layer"])["value"] == pytest.approx(-0.01)


@pytest.mark.parametrize(
    ("worse", "simplest"),
    [
        ((0.1, 0.1, 0.1, 0.1), "two_layer"),
        ((0.1, 0.1, 0.1, 0.001), "single_neuron"),
        ((0.1, 0.1, 0.1, -0.1), "single_neuron"),
        ((0.1, 0.001, 0.1, 0.0), "years_alone"),
        ((0.1, 0.001, 0.0005, 0.0), "score_alone"),  # the better of two as simple as each other
        ((0.001, -0.1, -0.1, -0.1), "base_rate"),
    ],
)
def test_the_simplest_that_is_not_beaten_beyond_noise(worse: tuple[float, ...], simplest: str) -> None:
    assert simplest_as_good("two_layer", losses(*worse)) == simplest


def test_words() -> None:
    # The mean of the 100 losses is .2739: pinned, because they are read by people.
    ours = float(losses(0, 0, 0, 0)["two_layer"].mean())
    better = statement("two_layer", losses(0.3, 0.2, 0.3, 0.1))
    assert better.startswith(
        f"Mean log loss out of fold is {ours:.4f} for the two-layer network and {ours + 0.1:.4f} for a single neuron: "
        "0.1000 more (95 % interval 0.09"
    )
    assert better.endswith("That exceeds its noise, and no simpler model does as well.")
    same = statement("two_layer", losses(0.3, 0.2, 0.001, 0.0))
    assert "for score alone: 0.0010 more (95 % interval -0.00" in same
    assert same.endswith("That is within its noise: the network adds nothing that these rows can show.")
    worse = statement("two_layer", losses(-0.1, 0.2, 0.001, 0.0))
    assert "for the base rate" in worse
    assert worse.endswith("The simpler model is better, by more than noise: the network adds nothing.")


def test_the_baselines_are_those_that_are_simpler() -> None:
    def names(inputs: list[str], **options: str) -> list[str]:
        return [one.name for one in baselines(FitOptions(**options), inputs)]

    assert names(["years", "score"]) == ["base_rate", "years_alone", "score_alone", "single_neuron"]
    assert names(["years", "score"], network="single_neuron") == ["base_rate", "years_alone", "score_alone"]
    assert names(["years"]) == ["base_rate", "single_neuron"]
    for one in baselines(FitOptions(alpha=0.7, solver="gradient_descent", epochs=1), ["a", "b"])[1:]:
        assert one.options == FitOptions(
            network="single_neuron", alpha=0.7
        )  # at its best, whatever the network's solver

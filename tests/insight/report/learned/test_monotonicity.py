"""Directions: constructed networks, random ones beside a dense grid, and the slope beside finite differences."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.insight.report.learned.monotonicity import FLAT, monotonicity, slope
from app.network.forward import logit
from app.network.parameters import Parameters

LOW, HIGH = np.array([0.0, 0.0]), np.array([40.0, 100.0])


def network(*units: tuple[float, float, float, float]) -> Parameters:
    """Units as (weight of years, weight of score, bias, output weight)."""
    years, score, bias, output = np.array(units).T
    return Parameters(np.array([years, score]), bias, output, -1.0)


def single(years: float, score: float) -> Parameters:
    return Parameters(None, None, np.array([years, score]), 0.5)


EXCLUSIVE = network((0.4, 0.16, -8.0, 6.0), (-0.4, -0.16, 24.0, 6.0))  # high between two parallel boundaries
# The second unit takes back a tenth of what the first gives, everywhere at once.
OUTWEIGHED = network((0.2, 0.0, -4.0, 5.0), (-0.2, 0.0, 4.0, 0.5))


@pytest.mark.parametrize(
    ("parameters", "i", "direction"),
    [
        (network((0.2, 0.1, -5.0, 3.0), (0.1, -0.2, 5.0, 3.0)), 0, "rising"),
        (network((0.2, 0.1, -5.0, 3.0), (0.1, -0.2, 5.0, 3.0)), 1, "neither"),
        (network((-0.2, 0.1, -5.0, 3.0), (0.1, 0.2, -5.0, -3.0)), 0, "falling"),
        (EXCLUSIVE, 0, "neither"),
        (EXCLUSIVE, 1, "neither"),
        (OUTWEIGHED, 0, "rising"),
        (OUTWEIGHED, 1, "constant"),
        (network((1e-5, 0.1, -5.0, 3.0), (1e-5, 0.1, -5.0, 3.0)), 0, "constant"),
        # The fall would begin at years = 60, which nobody has.
        (network((0.3, 0.0, -3.0, 5.0), (-0.3, 0.0, 18.0, 5.0)), 0, "neither"),
        (network((0.3, 0.0, -3.0, 5.0), (-0.9, 0.0, 60.0, 5.0)), 0, "rising"),
        (single(0.1, -0.2), 0, "rising"),
        (single(0.1, -0.2), 1, "falling"),
        (single(0.0, -0.2), 0, "constant"),
    ],
)
def test_constructed_networks(parameters: Parameters, i: int, direction: str) -> None:
    found = monotonicity(parameters, i, LOW, HIGH)
    assert (found.direction, found.proved) == (direction, True)
    if direction == "neither":
        assert found.rise is not None
        assert found.fall is not None
        rise, fall = slope(parameters, i, np.array([found.rise, found.fall])) * HIGH[i]
        assert rise > FLAT
        assert fall < -FLAT


def test_a_fall_in_a_far_corner_is_found() -> None:
    """A unit of the width of a year and of a point, which falls where hardly any of the box is."""
    corner = network((0.2, 0.1, -6.0, 8.0), (-9.0, -9.0, 9.0 * 139.8, 2.0))
    assert monotonicity(corner, 0, LOW, HIGH).direction == "neither"
    assert monotonicity(corner, 0, LOW, np.array([38.0, 99.0])).direction == "rising"


@pytest.mark.parametrize(("output", "direction"), [(0.59, "neither"), (0.58, "rising")])
def test_a_fall_counts_from_a_hundredth_of_a_logit_on(output: float, direction: str) -> None:
    """At 40 years 40·.3·(5·σ'(9) − output·σ'(6)): −.0101 and −.0098 logits over the range, and more everywhere else."""
    bend = network((0.3, 0.0, -3.0, 5.0), (-0.3, 0.0, 18.0, output))
    assert slope(bend, 0, HIGH[None])[0] * 40 == pytest.approx(-0.01, rel=0.03)
    assert monotonicity(bend, 0, LOW, HIGH).direction == direction


def test_an_input_without_a_range_is_constant() -> None:
    assert monotonicity(EXCLUSIVE, 0, LOW, np.array([0.0, 100.0])).direction == "constant"


@given(
    st.integers(0, 10**6), st.integers(1, 4), st.integers(1, 3), st.sampled_from([0.2, 1.0, 5.0, 20.0]), st.booleans()
)
def test_the_verdict_holds_on_a_dense_grid(seed: int, units: int, inputs: int, steepness: float, rising: bool) -> None:
    rng = np.random.default_rng(seed)
    hidden, output = steepness * rng.normal(size=(inputs, units)), 3 * rng.normal(size=units)
    if rising:
        output = np.abs(output) * np.sign(hidden[0])
    parameters = Parameters(hidden, steepness * rng.normal(size=units), output, 0.0)
    found = monotonicity(parameters, 0, -np.ones(inputs), np.ones(inputs))
    axis = np.linspace(-1, 1, {1: 2001, 2: 61, 3: 17}[inputs])
    grid = np.stack(np.meshgrid(*[axis] * inputs), axis=-1).reshape(-1, inputs)
    along = 2 * slope(parameters, 0, grid)  # over the range of 2
    assert found.proved
    if found.direction in {"rising", "constant"}:
        assert along.min() >= -FLAT - 1e-9
    if found.direction in {"falling", "constant"}:
        assert along.max() <= FLAT + 1e-9
    if rising:
        assert found.direction in {"rising", "constant"}


def test_the_slope_is_that_of_the_logit() -> None:
    rng = np.random.default_rng(0)
    X = rng.uniform(LOW, HIGH, (50, 2))
    for parameters in (EXCLUSIVE, single(0.1, -0.2)):
        for i in range(2):
            step = np.eye(2)[i] * 1e-4
            difference = (logit(parameters, X + step) - logit(parameters, X - step)) / 2e-4
            np.testing.assert_allclose(slope(parameters, i, X), difference, rtol=1e-5, atol=1e-8)

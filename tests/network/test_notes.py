"""The notes contradict themselves in places: each slip shown wrong by finite differences, and one that climbs."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest

W = {"w11": 0.4, "w21": -0.7, "b1": 0.2, "w12": -0.3, "w22": 0.9, "b2": -0.1, "w1": 1.3, "w2": -0.8, "b": 0.25}
X1, X2, Y = 0.6, -1.1, 1.0


def sigma(z: float) -> float:
    return 1 / (1 + math.exp(-z))


def forward(w: dict[str, float]) -> tuple[float, float, float]:
    """a₁, a₂, ŷ with wᵢₖ from input i to unit k."""
    a1 = sigma(w["w11"] * X1 + w["w21"] * X2 + w["b1"])
    a2 = sigma(w["w12"] * X1 + w["w22"] * X2 + w["b2"])
    return a1, a2, sigma(w["w1"] * a1 + w["w2"] * a2 + w["b"])


def loss(w: dict[str, float]) -> float:
    y_hat = forward(w)[2]
    return -Y * math.log(y_hat) - (1 - Y) * math.log(1 - y_hat)


def difference(name: str, h: float = 1e-3) -> float:
    """∂J/∂name by five points."""

    def moved(by: float) -> float:
        return loss({**W, name: W[name] + by})

    return (8 * (moved(h) - moved(-h)) - (moved(2 * h) - moved(-2 * h))) / (12 * h)


def test_without_sigma_the_loss_is_no_number() -> None:
    y_hat = 1.5 * X1 - 2.0 * X2 + 0.1  # ŷ = Wx + b, as it stands beside the logarithmic loss
    assert y_hat > 1
    with pytest.raises(ValueError, match=r"math domain error|expected a positive input"):
        math.log(1 - y_hat)
    assert 0 < sigma(y_hat) < 1


def test_z1_takes_w21_from_input_2_not_w12() -> None:
    a1, _, y_hat = forward(W)
    assert difference("w21") == pytest.approx(-(Y - y_hat) * W["w1"] * a1 * (1 - a1) * X2, rel=1e-9)
    slip = sigma(W["w11"] * X1 + W["w12"] * X2 + W["b1"])  # z₁ with w₁₂x₂: w₂₁ would not matter at all
    assert slip != pytest.approx(a1, rel=1e-2)
    assert difference("w21") != 0


def test_the_bias_gradient_has_a_minus_sign() -> None:
    y_hat = forward(W)[2]
    assert difference("b") == pytest.approx(-(Y - y_hat), rel=1e-9)
    assert difference("b") != pytest.approx(Y - y_hat, rel=1e-2)


def test_a_times_one_minus_a_is_the_slope_of_a_not_of_j() -> None:
    a1, _, y_hat = forward(W)
    z1, h = math.log(a1 / (1 - a1)), 1e-4
    assert (sigma(z1 + h) - sigma(z1 - h)) / (2 * h) == pytest.approx(a1 * (1 - a1), rel=1e-7)
    dJ_dz1 = difference("b1")  # b₁ enters z₁ with slope 1
    assert dJ_dz1 == pytest.approx(-(Y - y_hat) * W["w1"] * a1 * (1 - a1), rel=1e-9)
    assert dJ_dz1 != pytest.approx(a1 * (1 - a1), rel=1e-2)


def test_x_is_the_slope_of_z_not_of_j() -> None:
    assert difference("w11") == pytest.approx(difference("b1") * X1, rel=1e-9)
    assert difference("w11") != pytest.approx(X1, rel=1e-2)


def test_the_slope_by_the_output_lacks_a_denominator_and_turns_the_sign() -> None:
    y_hat, h = forward(W)[2], 1e-5

    def loss_of(p: float) -> float:
        return -Y * math.log(p) - (1 - Y) * math.log(1 - p)

    slope = (loss_of(y_hat + h) - loss_of(y_hat - h)) / (2 * h)
    assert slope == pytest.approx((y_hat - Y) / (y_hat * (1 - y_hat)), rel=1e-8)
    slip = -(y_hat - Y)
    assert slope != pytest.approx(slip, rel=1e-2)
    assert slope * slip < 0


def test_every_neuron_has_its_own_bias() -> None:
    slopes = [difference("b1"), difference("b2"), difference("b")]
    assert max(slopes) - min(slopes) > 0.1
    h = 1e-3  # one b for all: its slope is the sum, so that no single neuron's bias can be learnt
    shared = [loss({**W, **{name: W[name] + by for name in ("b1", "b2", "b")}}) for by in (h, -h)]
    assert (shared[0] - shared[1]) / (2 * h) == pytest.approx(sum(slopes), rel=1e-5)


def descend(sign: float, epochs: int = 200, eta: float = 0.5) -> list[float]:
    """The loss while only the hidden layer learns: w ← w − η·sign·x·w·a(1 − a)·(ŷ − y), one record at a time."""
    rng = np.random.default_rng(3)
    X = rng.normal(size=(60, 2))
    y = (rng.random(60) < 1 / (1 + np.exp(-3 * X[:, 0] + 2 * X[:, 1]))).astype(float)
    hidden, bias, w, b = rng.normal(size=(2, 2)), np.zeros(2), np.array([2.0, -2.0]), 0.0
    curve = []
    for _ in range(epochs):
        a = 1 / (1 + np.exp(-(X @ hidden + bias)))
        z = a @ w + b
        curve.append(float(np.mean(np.logaddexp(0, z) - y * z)))
        y_hat = 1 / (1 + np.exp(-z))
        step = ((y_hat - y)[:, None] * w * a * (1 - a)) / len(y)
        hidden = hidden - eta * sign * (X.T @ step)
        bias = bias - eta * sign * step.sum(axis=0)
    return curve


def test_the_derived_rule_descends_and_the_slip_climbs() -> None:
    right, slip = descend(1.0), descend(-1.0)
    assert all(later < sooner for sooner, later in itertools.pairwise(right))
    assert right[-1] < 0.9 * right[0]
    assert all(later > sooner for sooner, later in itertools.pairwise(slip))
    assert slip[-1] > 1.1 * slip[0]

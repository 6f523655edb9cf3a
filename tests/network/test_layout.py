"""A network of two layers has many equal forms; the one that is published is always the same."""

import numpy as np
import pytest

from app.network.forward import score
from app.network.layout import Layout
from app.network.standardise import Scale, measure


def scale_of(d: int) -> tuple[Scale, np.ndarray]:
    inputs = np.random.default_rng(7).normal([10.0, 70.0, -3.0][:d], [5.0, 12.0, 2.0][:d], (50, d))
    return measure(np.ascontiguousarray(inputs.T), np.ones(50)), inputs


def test_units_by_hand():
    # sigma(x) - 2 sigma(-x) = sigma(x) - 2 + 2 sigma(x): the second unit turns around and comes first.
    layout, scale = Layout(1, 2), measure(np.array([[-1.0, 1.0]]), np.ones(2))  # mean 0, deviation 1
    parameters = layout.parameters(np.array([1.0, 0.25, -1.0, 0.5, 1.0, -2.0, 0.125]), scale)
    assert parameters.output.tolist() == [2.0, 1.0]
    assert parameters.hidden.tolist() == [[1.0, 1.0]]
    assert parameters.hidden_bias.tolist() == [-0.5, 0.25]
    assert parameters.output_bias == 0.125 - 2.0


@pytest.mark.parametrize("seed", range(5))
def test_equal_forms_are_published_as_one(seed):
    rng = np.random.default_rng(seed)
    layout, (scale, inputs) = Layout(2, 3), scale_of(2)
    theta = rng.normal(size=layout.size)
    units, w, b = theta[:9].reshape(3, 3), theta[9:12], theta[12]
    order, turned = rng.permutation(3), rng.integers(2, size=3).astype(bool)
    sign = np.where(turned, -1.0, 1.0)
    other = np.concatenate([(units * sign[:, None])[order].ravel(), (w * sign)[order], [b + w[turned].sum()]])

    one, two = layout.parameters(theta, scale), layout.parameters(other, scale)

    assert np.all(np.diff(one.output) <= 0)
    assert one.output[-1] > 0
    np.testing.assert_array_equal(one.output, two.output)
    np.testing.assert_allclose(one.hidden, two.hidden, rtol=0, atol=1e-15)
    np.testing.assert_allclose(score(one, inputs), score(two, inputs), rtol=0, atol=1e-14)
    x = (inputs - inputs.mean(axis=0)) / inputs.std(axis=0)
    z = (1 / (1 + np.exp(-(x @ units[:, :2].T + units[:, 2])))) @ w + b
    np.testing.assert_allclose(score(one, inputs), 1 / (1 + np.exp(-z)), rtol=0, atol=1e-14)

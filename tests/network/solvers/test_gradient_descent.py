"""The notes' rule: the vectorised code against plain Python, and each way in which it can end."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest

from app.network.forward import logit, probability
from app.network.options import FitOptions
from app.network.solvers.gradient_descent import first_weights, gradient_descent
from app.network.training_set import pose
from tests.network.training_sets import exclusive, run, separable, slope


def notes_rule(X, y, theta, *, alpha, eta, epochs):
    """The rule w ← w − η ∂J̄/∂w for 2-2-1, one record at a time, in the notes' letters."""
    w11, w21, b1, w12, w22, b2, w1, w2, b = (float(v) for v in theta)
    n = len(y)
    for _ in range(epochs):
        d = [0.0] * 9
        for (x1, x2), target in zip(X, y, strict=True):
            a1 = 1 / (1 + math.exp(-(w11 * x1 + w21 * x2 + b1)))
            a2 = 1 / (1 + math.exp(-(w12 * x1 + w22 * x2 + b2)))
            y_hat = 1 / (1 + math.exp(-(w1 * a1 + w2 * a2 + b)))
            error = -(target - y_hat)
            h1, h2 = error * w1 * a1 * (1 - a1), error * w2 * a2 * (1 - a2)
            for j, each in enumerate((h1 * x1, h1 * x2, h1, h2 * x1, h2 * x2, h2, error * a1, error * a2, error)):
                d[j] += each / n
        w11, w21, b1 = w11 - eta * (d[0] + alpha / n * w11), w21 - eta * (d[1] + alpha / n * w21), b1 - eta * d[2]
        w12, w22, b2 = w12 - eta * (d[3] + alpha / n * w12), w22 - eta * (d[4] + alpha / n * w22), b2 - eta * d[5]
        w1, w2, b = w1 - eta * (d[6] + alpha / n * w1), w2 - eta * (d[7] + alpha / n * w2), b - eta * d[8]
    return [w11, w21, b1, w12, w22, b2, w1, w2, b]


def test_it_is_the_notes_rule() -> None:
    X, y = exclusive(60, seed=2, whole=True)
    training_set = pose(X, y, FitOptions(alpha=0.5))
    theta = first_weights(training_set.objective, np.random.default_rng(8))
    expected = notes_rule((X - X.mean(0)) / X.std(0), y, theta, alpha=0.5, eta=0.8, epochs=50)
    training = gradient_descent(training_set.objective, theta, learning_rate=0.8, epochs=50)
    end = None
    while end is None:
        try:
            next(training)
        except StopIteration as stop:
            end = stop.value
    np.testing.assert_allclose(end.theta, expected, rtol=1e-11, atol=1e-12)
    assert (end.outcome, end.steps) == ("iteration_limit", 50)
    assert np.abs(end.theta - theta).max() > 0.1


def test_it_converges_to_the_single_neurons_optimum() -> None:
    X, y = slope(400)
    slow, _ = run(X, y, network="single_neuron", solver="gradient_descent", learning_rate=2.0, epochs=5000)
    fast, _ = run(X, y, network="single_neuron")
    assert (slow.outcome, fast.outcome) == ("converged", "converged")
    assert slow.iterations < 5000
    np.testing.assert_allclose(slow.parameters.output, fast.parameters.output, rtol=1e-5)
    assert slow.objective == pytest.approx(fast.objective, rel=1e-12)


def test_it_reports_every_epoch_and_descends() -> None:
    X, y = slope(300)
    fitted, seen = run(X, y, solver="gradient_descent", epochs=30, learning_rate=0.5, seed=4)
    assert [progress.iteration for progress in seen] == list(range(31))
    losses = [progress.loss for progress in seen]
    assert all(later < sooner for sooner, later in itertools.pairwise(losses))
    assert seen[-1].done == 1.0
    assert fitted.outcome == "iteration_limit"
    assert fitted.loss == pytest.approx(losses[-1], rel=1e-12)


@pytest.mark.parametrize("network", ["single_neuron", "two_layer"])
def test_a_rate_that_throws_the_weights_out_ends_as_not_finite(network: str) -> None:
    X, y = slope(200)
    fitted, seen = run(X, y, network=network, solver="gradient_descent", learning_rate=1e300, alpha=1.0, epochs=50)
    assert fitted.outcome == "not_finite"
    assert fitted.iterations < 50
    assert math.isfinite(fitted.loss)
    assert all(math.isfinite(progress.loss) for progress in seen)
    assert np.all(np.isfinite(fitted.parameters.output))


def test_the_start_is_seeded() -> None:
    X, y = slope(100)
    one, same, other = (run(X, y, solver="gradient_descent", epochs=3, seed=s)[0] for s in (1, 1, 2))
    assert one.parameters.output.tobytes() == same.parameters.output.tobytes()
    assert one.parameters.output.tobytes() != other.parameters.output.tobytes()


def test_no_epochs_leave_the_start() -> None:
    fitted, _ = run(*separable(50), network="single_neuron", solver="gradient_descent", epochs=0)
    assert (fitted.iterations, fitted.outcome) == (0, "iteration_limit")
    assert fitted.loss == pytest.approx(math.log(2), rel=1e-15)
    assert probability(logit(fitted.parameters, np.zeros((1, 2)))).tolist() == [0.5]

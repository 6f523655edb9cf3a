"""Loss, gradient and matrices: the notes' equations record by record, five-point stencils, scikit-learn, counts."""

from __future__ import annotations

import math

import numpy as np
import pytest
from sklearn.neural_network import MLPClassifier

from app.network.forward_many import log_and_sigmoid
from app.network.layout import Layout
from app.network.loss import CHUNK, Rows, row_losses, sums
from app.network.objective import Objective
from app.network.options import FitOptions
from app.network.parameters import Array
from app.network.training_set import pose
from tests.network.training_sets import exclusive, slope

LAYOUTS = [Layout(2, 2), Layout(2, 0), Layout(3, 4), Layout(1, 1), Layout(4, 0)]


def rows_and_theta(layout: Layout, n: int = 40, seed: int = 0) -> tuple[Rows, Array]:
    rng = np.random.default_rng(seed)
    X = np.concatenate([rng.normal(size=(layout.d, n)), np.ones((1, n))])
    counts = rng.integers(1, 6, n).astype(float)
    promoted = np.floor(counts * rng.random(n) + 0.5)
    assert 0 < promoted.sum() < counts.sum()
    return Rows(X, counts, promoted), rng.normal(size=(3, layout.size))


def at(objective: Objective, theta: Array, exact: bool = False):
    run = objective.at(theta, exact)
    while True:
        try:
            next(run)
        except StopIteration as end:
            return end.value


def stencil(f, theta: Array, h: float = 2e-3):
    """∂f/∂θ by five points, error h⁴/30 of the fifth derivative."""
    columns = []
    for j in range(theta.shape[1]):
        e = np.zeros_like(theta)
        e[:, j] = h
        near = f(theta + e) - f(theta - e)
        far = f(theta + 2 * e) - f(theta - 2 * e)
        columns.append((8 * near - far) / (12 * h))
    return np.stack(columns, axis=-1)


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("seed", [1, 2])
def test_gradient_and_hessian_agree_with_a_five_point_stencil(layout: Layout, seed: int) -> None:
    rows, theta = rows_and_theta(layout, seed=seed)
    objective = Objective(layout, rows, 0.7, float(rows.counts.sum()))
    here = at(objective, theta, exact=True)
    gradient = stencil(lambda t: at(objective, t).loss, theta)
    np.testing.assert_allclose(here.gradient, gradient, rtol=1e-7, atol=1e-9)
    hessian = stencil(lambda t: at(objective, t).gradient, theta)
    np.testing.assert_allclose(here.matrix + here.bend, hessian, rtol=1e-7, atol=1e-9)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_gauss_newton_matrix_is_the_sum_of_outer_products_of_stencil_slopes(layout: Layout) -> None:
    rows, theta = rows_and_theta(layout)
    one = [rows.part(np.array([r])) for r in range(len(rows))]
    expected = np.zeros((len(theta), layout.size, layout.size))
    for row in one:  # z from the loss of a row with s = 0 less that with s = 1
        single = Rows(row.X, np.ones(1), np.zeros(1)), Rows(row.X, np.ones(1), np.ones(1))

        def z(t: Array, pair: tuple[Rows, Rows] = single) -> Array:
            return row_losses(layout, t, pair[0])[:, 0] - row_losses(layout, t, pair[1])[:, 0]

        slopes = stencil(z, theta)
        p = 1 / (1 + np.exp(-z(theta)))
        expected += (row.counts[0] * p * (1 - p))[:, None, None] * slopes[:, :, None] * slopes[:, None, :]
    np.testing.assert_allclose(sums(layout, theta, rows).matrix, expected, rtol=1e-7, atol=1e-8)
    assert not sums(layout, theta, rows).bend.any()


def notes_record(w, x, y):
    """J, its gradient and ∇z for one record, as the notes derive them (2-2-1), in plain Python."""
    w11, w21, b1, w12, w22, b2, w1, w2, b = w
    x1, x2 = x
    z1, z2 = w11 * x1 + w21 * x2 + b1, w12 * x1 + w22 * x2 + b2
    a1, a2 = 1 / (1 + math.exp(-z1)), 1 / (1 + math.exp(-z2))
    z = w1 * a1 + w2 * a2 + b
    y_hat = 1 / (1 + math.exp(-z))
    J = -y * math.log(y_hat) - (1 - y) * math.log(1 - y_hat)
    g1, g2 = w1 * a1 * (1 - a1), w2 * a2 * (1 - a2)
    dz = [g1 * x1, g1 * x2, g1, g2 * x1, g2 * x2, g2, a1, a2, 1.0]
    return J, [-(y - y_hat) * each for each in dz], dz, y_hat


def test_one_pass_equals_the_notes_record_by_record() -> None:
    layout = Layout(2, 2)
    rng = np.random.default_rng(4)
    theta, X, y = rng.normal(size=9), rng.normal(size=(25, 2)), rng.integers(0, 2, 25).astype(float)
    J, gradient, matrix = 0.0, np.zeros(9), np.zeros((9, 9))
    for x, target in zip(X, y, strict=True):
        loss, slope_of_loss, dz, y_hat = notes_record(theta, x, target)
        J, gradient = J + loss, gradient + slope_of_loss
        matrix += y_hat * (1 - y_hat) * np.outer(dz, dz)
    rows = Rows(np.concatenate([X.T, np.ones((1, 25))]), np.ones(25), y)
    total = sums(layout, theta[None], rows)
    np.testing.assert_allclose(total.loss[0], J, rtol=1e-13)
    np.testing.assert_allclose(total.gradient[0], gradient, rtol=1e-11, atol=1e-13)
    np.testing.assert_allclose(total.matrix[0], matrix, rtol=1e-11, atol=1e-13)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_counts_equal_repeated_rows(layout: Layout) -> None:
    rows, theta = rows_and_theta(layout)
    X, y = [], []
    for r in range(len(rows)):
        for i in range(int(rows.counts[r])):
            X.append(rows.X[:, r])
            y.append(float(i < rows.promoted[r]))
    repeated = Rows(np.array(X).T.copy(), np.ones(len(y)), np.array(y))
    one, other = sums(layout, theta, rows, exact=True), sums(layout, theta, repeated, exact=True)
    for name in ("loss", "gradient", "matrix", "bend"):
        np.testing.assert_allclose(getattr(one, name), getattr(other, name), rtol=1e-11, atol=1e-11)


def test_sums_add_up_over_parts_chunks_and_networks() -> None:
    layout = Layout(2, 2)
    n = CHUNK // layout.size * 2 + 11  # three chunks, the last one short
    rng = np.random.default_rng(7)
    rows = Rows(np.concatenate([rng.normal(size=(2, n)), np.ones((1, n))]), np.ones(n), rng.integers(0, 2, n) * 1.0)
    theta = rng.normal(size=(35, 9))  # three groups of networks, the last one short
    whole = sums(layout, theta, rows, exact=True)
    parts = sums(layout, theta, rows.part(slice(0, 500)), True) + sums(layout, theta, rows.part(slice(500, n)), True)
    alone = sums(layout, theta[34:], rows, exact=True)
    for name in ("loss", "gradient", "matrix", "bend"):
        np.testing.assert_allclose(getattr(whole, name), getattr(parts, name), rtol=1e-9, atol=1e-7)
        np.testing.assert_allclose(getattr(whole, name)[34:], getattr(alone, name), rtol=1e-9, atol=1e-7)


def test_logarithm_and_sigmoid_are_exact_on_both_sides() -> None:
    z = np.array([-1e308, -800.0, -40.0, 0.0, 40.0, 800.0, 1e308])
    log, p = log_and_sigmoid(z)
    assert log.tolist() == [0.0, 0.0, math.exp(-40), math.log(2), math.exp(-40), 0.0, 0.0]
    np.testing.assert_allclose(p, [0, 0, math.exp(-40), 0.5, 1, 1, 1], rtol=1e-15)


@pytest.mark.parametrize("single", [False, True])
def test_a_loss_next_to_nothing_is_right_in_both_precisions(single: bool) -> None:
    layout = Layout(1, 0)  # z = 40·x, promoted where x = 1: ln(1 + e⁴⁰) − 40 in one row and ln(1 + e⁻⁴⁰) in the other
    rows = Rows(np.array([[1.0, -1.0], [1.0, 1.0]]), np.array([3.0, 2.0]), np.array([3.0, 0.0]))
    total = sums(layout, np.array([[40.0, 0.0]]), rows.in_single_precision() if single else rows)
    np.testing.assert_allclose(total.loss, 5 * math.exp(-40), rtol=1e-6 if single else 1e-15)


@pytest.mark.parametrize("alpha", [0.0, 0.1, 3.0])
def test_objective_is_scikit_learns(alpha: float) -> None:
    X, y = exclusive(300, whole=True)
    oracle = MLPClassifier(
        hidden_layer_sizes=(2,), activation="logistic", solver="lbfgs", alpha=alpha, random_state=1, tol=1e-8,
        max_iter=4000,
    ).fit((X - X.mean(0)) / X.std(0), y)  # fmt: skip
    (W, w), (c, b) = oracle.coefs_, oracle.intercepts_
    theta = np.concatenate([W[:, 0], c[:1], W[:, 1], c[1:], w[:, 0], b])
    objective = pose(X, y, FitOptions(alpha=alpha)).objective
    assert len(objective.rows) < 300  # grouped
    assert float(at(objective, theta[None]).loss[0]) == pytest.approx(oracle.loss_, rel=1e-7)
    # loss_ may be that of the last trial point; this one is not.
    p = oracle.predict_proba((X - X.mean(0)) / X.std(0))[:, 1]
    by_hand = -np.mean(np.where(y == 1, np.log(p), np.log1p(-p))) + alpha / 600 * ((W**2).sum() + (w**2).sum())
    assert float(at(objective, theta[None]).loss[0]) == pytest.approx(by_hand, rel=1e-12)


def test_biases_are_not_penalised() -> None:
    layout = Layout(2, 2)
    assert layout.penalised().tolist() == [1, 1, 0, 1, 1, 0, 1, 1, 0]
    assert Layout(3, 0).penalised().tolist() == [1, 1, 1, 0]


def test_large_rows_pause_on_the_way() -> None:
    X, y = slope(300)
    objective = pose(X, y, FitOptions(hidden_units=8)).objective
    pauses = sum(1 for _ in objective.at(np.zeros((16, objective.layout.size))))
    big = Objective(objective.layout, objective.rows.part(np.arange(9000) % 300), 0.1, 9000.0)
    assert pauses == 0
    assert sum(1 for _ in big.at(np.zeros((16, objective.layout.size)))) == 2

"""Two networks beside each other, row by row and person by person."""

from __future__ import annotations

import numpy as np
import pytest

from app.insight.report.learned.two_networks import agreement_with
from app.network.layout import Layout
from app.network.objective import Objective
from app.network.parameters import Array
from app.network.rows import Rows


def test_differences_and_their_noise_row_by_row() -> None:
    rng = np.random.default_rng(0)
    counts, promoted = np.array([3.0, 1.0, 4.0, 2.0]), np.array([1.0, 1.0, 0.0, 2.0])
    rows = Rows(np.vstack([rng.normal(size=(2, 4)), np.ones(4)]), counts, promoted)
    objective = Objective(Layout(2, 2), rows, 0.7, 10.0)
    theta = rng.normal(size=(3, 9))
    found = agreement_with(objective, theta[0], theta[1:])

    def of(t: Array) -> tuple[Array, Array, float]:
        """Probabilities of the four, the losses of all ten people, the penalty."""
        a = 1 / (1 + np.exp(-t[:6].reshape(2, 3) @ rows.X))
        p = 1 / (1 + np.exp(-(t[6:8] @ a + t[8])))
        losses = [
            -np.log(p[r] if person < promoted[r] else 1 - p[r]) for r in range(4) for person in range(int(counts[r]))
        ]
        return p, np.array(losses), 0.35 * (np.delete(t, [2, 5, 8]) ** 2).sum()

    own_p, own_losses, own_penalty = of(theta[0])
    for s in (0, 1):
        p, losses, penalty = of(theta[1 + s])
        assert found.largest[s] == pytest.approx(np.abs(p - own_p).max(), rel=1e-12)
        assert found.differ[s] == pytest.approx((counts * (np.abs(p - own_p) > 0.05)).sum() / 10)
        assert found.behind[s] == pytest.approx((losses - own_losses).sum() + penalty - own_penalty, rel=1e-12)
        assert found.noise[s] == pytest.approx(1.96 * np.sqrt(10) * (losses - own_losses).std(), rel=1e-12)


def test_one_row_in_a_hundred_may_differ() -> None:
    X = np.vstack([np.zeros((1, 101)), np.ones(101)])
    X[0, 0] = 1.0
    objective = Objective(Layout(1, 0), Rows(X, np.ones(101), np.ones(101)), 0.1, 101.0)
    found = agreement_with(objective, np.zeros(2), np.array([[0.1, 0.0], [9.0, 0.0], [0.0, 0.3], [0.0, -9.0]]))
    assert found.agree.tolist() == [True, True, False, False]
    assert found.as_good.tolist() == [True, False, True, False]  # the second gains .69 nats and costs .05·81
    objective = Objective(Layout(1, 0), Rows(X[:, :99], np.ones(99), np.ones(99)), 0.1, 99.0)
    assert not agreement_with(objective, np.zeros(2), np.array([[9.0, 0.0]])).agree[0]

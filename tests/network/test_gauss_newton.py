"""One step of the solver where its linear algebra gives up."""

import numpy as np
import pytest

from app.network import gauss_newton
from app.network.loss import Sums


def test_a_step_without_eigenvalues_is_a_gauss_newton_step():
    # LAPACK does not find the eigenvalues of a matrix with NaN either, and says so in the same way.
    matrix, gradient = np.diag([2.0, 4.0, 1.0])[None], np.array([[1.0, -3.0, 0.0]])
    at = Sums(np.array([0.5]), gradient, matrix, np.full((1, 3, 3), np.nan))
    with pytest.raises(np.linalg.LinAlgError):
        np.linalg.eigh(at.matrix + at.bend)
    delta, promised, left = gauss_newton._newton(at, np.array([1.0]))
    # (H + 1)·δ = −g: δ = (−1/3, 3/5); promised ½·Σ δ(μδ − g) = ½·(−1/3·(−1/3 − 1) + 3/5·(3/5 + 3))
    np.testing.assert_allclose(delta, [[-1 / 3, 3 / 5, 0.0]], rtol=1e-15)
    np.testing.assert_allclose(promised, [0.5 * (4 / 9 + 54 / 25)], rtol=1e-15)
    assert left == promised

"""Folds, and that no row has a part in its own score."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import PredefinedSplit, cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from app.insight.report.cross_validation import Folds, Procedure, deal, held_out
from app.network.forward import logit
from app.network.options import FitOptions
from tests.insight.worlds import drained
from tests.network.training_sets import exclusive, run, slope

NEURON = FitOptions(network="single_neuron")


@given(st.integers(4, 700), st.floats(0, 1), st.integers(0, 9))
def test_every_row_is_held_out_once_and_every_training_part_keeps_both_decisions(
    n: int, share: float, seed: int
) -> None:
    promoted = min(max(2, round(share * n)), n - 2)
    y = np.random.default_rng(seed).permutation((np.arange(n) < promoted).astype(float))
    folds = deal(y, seed)
    for number in folds.number:
        sizes = np.bincount(number, minlength=folds.count)
        of_promoted = np.bincount(number, weights=y, minlength=folds.count)
        assert sizes.sum() == n
        assert np.ptp(sizes) <= 1  # each in exactly one, all of a size
        if not folds.leave_one_out:
            assert np.ptp(of_promoted) <= 1
        for fold in range(folds.count):
            training = y[number != fold]
            assert len(training) >= 3
            assert 0 < training.sum() < len(training)


@pytest.mark.parametrize(
    ("n", "scheme", "shape"),
    [
        (4, "leave-one-out", (1, 4)),
        (19, "leave-one-out", (1, 19)),
        (20, "5-fold stratified, 10 times", (10, 20)),
        (100, "5-fold stratified, 5 times", (5, 100)),
        (250, "5-fold stratified, 2 times", (2, 250)),
        (251, "5-fold stratified", (1, 251)),
        (5000, "5-fold stratified", (1, 5000)),
    ],
)
def test_the_scheme_follows_the_number_of_rows(n: int, scheme: str, shape: tuple[int, int]) -> None:
    y = (np.arange(n) % 3 == 0).astype(float)
    folds = deal(y, 0)
    assert (folds.scheme, folds.number.shape) == (scheme, shape)
    assert len({number.tobytes() for number in folds.number}) == folds.repeats  # each dealt anew
    assert np.array_equal(folds.number, deal(y, 0).number)
    if n > 19:
        assert not np.array_equal(folds.number, deal(y, 1).number)


def test_it_is_scikit_learns_cross_validation_of_scaling_and_logistic_regression() -> None:
    X, y = slope(300, seed=2)
    folds = deal(y, 4)
    found, _ = drained(held_out(Procedure("single_neuron", range(2), NEURON), X, y, folds))
    alone, _ = drained(held_out(Procedure("score_alone", (1,), NEURON), X, y, folds))
    pipeline = make_pipeline(StandardScaler(), LogisticRegression(C=10, tol=1e-12, solver="newton-cholesky"))
    split = PredefinedSplit(folds.number[0])
    for z, columns in ((found, X), (alone, X[:, 1:])):
        oracle = cross_val_predict(pipeline, columns, y, cv=split, method="decision_function")
        np.testing.assert_allclose(z[0], oracle, rtol=1e-6, atol=1e-7)


def test_the_base_rate_is_that_of_the_training_part() -> None:
    y, number = np.array([1.0, 1, 0, 0, 0, 0]), np.array([[0, 1, 0, 0, 1, 1]])
    z, seen = drained(held_out(Procedure("base_rate", (), None), np.zeros((6, 2)), y, Folds(number, 2)))
    assert 1 / (1 + np.exp(-z[0])) == pytest.approx([1 / 3] * 6)
    assert seen == []


@pytest.mark.parametrize("options", [FitOptions(), NEURON, FitOptions(solver="gradient_descent", epochs=50)])
def test_no_row_has_a_part_in_its_own_score(options: FitOptions) -> None:
    X, y = exclusive(60, seed=3)
    number = np.arange(60)[None, :] % 3
    procedure = Procedure("network", range(2), options)
    first, _ = drained(held_out(procedure, X, y, Folds(number, 3)))
    out = number[0] == 1
    y[out] = 1 - y[out]  # whatever had been decided on them
    second, _ = drained(held_out(procedure, X, y, Folds(number, 3)))
    assert np.array_equal(first[0, out], second[0, out])
    assert not np.any(first[0, ~out] == second[0, ~out])  # the others learnt from them


def test_a_fold_reaches_the_network_of_the_whole_procedure() -> None:
    X, y = exclusive(400, seed=5)
    folds = deal(y, 0)
    z, _ = drained(held_out(Procedure("two_layer", range(2), FitOptions()), X, y, folds))
    for fold in range(folds.count):
        out = folds.number[0] == fold
        fitted, _ = run(X[~out], y[~out])  # with a thousand starts
        np.testing.assert_allclose(z[0, out], logit(fitted.parameters, X[out]), atol=1e-5)


def test_it_says_how_far_it_is_and_can_be_dropped() -> None:
    X, y = exclusive(60)
    procedure = Procedure("two_layer", range(2), FitOptions(starts=4))
    z, seen = drained(held_out(procedure, X, y, deal(y, 0)))
    assert np.all(np.isfinite(z))
    assert all(0 <= sooner <= later <= 1 for sooner, later in itertools.pairwise(seen))
    assert seen[0] < 0.05
    assert seen[-1] == 1.0
    again = held_out(procedure, X, y, deal(y, 0))
    next(again)
    again.close()
    assert list(again) == []

"""Scoring with the mathematics alone (no HTTP), beside scikit-learn's predict_proba of a network of that size."""

from __future__ import annotations

import numpy as np
from sklearn.neural_network import MLPClassifier

from app.network.forward import score
from app.network.parameters import Parameters
from benchmarks.baseline import standardised
from benchmarks.table import Row, compare
from benchmarks.worlds import make


def run(quick: bool) -> list[Row]:
    """One row at a time, and a million at once."""
    X, y = make("exclusive", 2000)
    oracle = MLPClassifier((2,), activation="logistic", solver="lbfgs", max_iter=2000).fit(standardised(X), y)
    (W, w), (c, b) = oracle.coefs_, oracle.intercepts_
    network = Parameters(W, c, w[:, 0], float(b[0]))
    rounds = 1 if quick else 5
    rows = []
    for n, calls, target in ((1, 10_000, 5.0), (1_000_000, 1, 1.0)):
        inputs = make("exclusive", 1000 if quick else n)[0][:n]
        times = 20 if quick else calls
        np.testing.assert_allclose(score(network, inputs), oracle.predict_proba(inputs)[:, 1], rtol=1e-9)
        rows.append(
            compare(
                f"score {len(inputs):,} rows, {times:,} times",
                lambda inputs=inputs, times=times: [score(network, inputs) for _ in range(times)],
                lambda inputs=inputs, times=times: [oracle.predict_proba(inputs) for _ in range(times)],
                baseline_name="MLPClassifier.predict_proba",
                target=None if quick else target,
                rounds=rounds,
            )
        )
    return rows

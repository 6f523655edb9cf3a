"""How long a whole training takes, all its starts included, beside ONE start of scikit-learn's L-BFGS."""

from __future__ import annotations

from app.network.fit import fit
from app.network.fitted import Fitted
from app.network.options import FitOptions
from benchmarks.baseline import lbfgs_start, standardised
from benchmarks.table import Row, compare
from benchmarks.worlds import Array, make

# Rows, world, the ratio that is wanted. Continuous inputs, then whole years and whole scores.
_CASES = [
    (1_000_000, "exclusive", 8.0),
    (1_000_000, "corner", 8.0),
    (1_000_000, "skewed", 8.0),
    (1_000_000, "tied", 50.0),
    (1_000_000, "exclusive_tied", 50.0),
    (54_808, "tied", 1.0),
    (2_000, "linear", None),
]


def train(X: Array, y: Array, options: FitOptions) -> Fitted:
    """A training to its end."""
    training = fit(X, y, options)
    while True:
        try:
            next(training)
        except StopIteration as end:
            fitted: Fitted = end.value
            return fitted


def run(quick: bool) -> list[Row]:
    """A row for each case, and what they reached printed beside it."""
    rows = []
    for n, world, target in _CASES:
        n = min(n, 3000) if quick else n  # noqa: PLW2901
        X, y = make(world, n)
        scaled, options = standardised(X), FitOptions()
        reached = train(X, y, options).objective
        start = min((lbfgs_start(scaled, y, alpha=options.alpha, seed=seed), seed) for seed in range(1 if quick else 3))
        row = compare(
            f"train {n:,} rows, {world}: J̄ {reached:.7f} against {start[0]:.7f}",
            lambda X=X, y=y, options=options: train(X, y, options),
            lambda scaled=scaled, y=y, options=options, seed=start[1]: lbfgs_start(
                scaled, y, alpha=options.alpha, seed=seed
            ),
            baseline_name="one L-BFGS start, the best of three seeds",
            target=None if quick else target,
            rounds=1 if quick else 5,
        )
        rows.append(row)
    return rows

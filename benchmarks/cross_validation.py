"""What cross-validation costs, in trainings, and whether its folds' fewer starts end where the model's own would.

A fold misses when its J̄ is more than 1e-6 (relative) above that of the starts which a training makes by default. The
baseline is how often 8 starts miss. What a miss does to the log loss out of fold is printed, in its standard errors.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

import numpy as np

from app.insight.report.cross_validation import deal, starts_of
from app.insight.report.measures import log_losses
from app.insight.report.performance import performance
from app.network.forward import logit
from app.network.options import FitOptions
from benchmarks.table import Row, compare
from benchmarks.training import train
from benchmarks.worlds import WORLDS, Array, make

# Rows, seeds; as many trainings as a report of so many rows may cost.
_SWEEP = [(60, 6), (200, 6), (2000, 3), (20_000, 1)]
_QUICK = [(60, 1)]
_COST = [(50_000, "linear"), (50_000, "tied"), (50_000, "rare"), (2000, "exclusive")]
_BUDGET = 10


def run(quick: bool) -> list[Row]:
    """A row for each cost, then one for each size: the share of folds that miss."""
    names, options = ("years_of_experience", "performance_score"), FitOptions()
    rows = []
    for n, world in _COST:
        X, y = make(world, min(n, 2000) if quick else n)
        row = compare(
            f"cross-validate {len(y):,} rows, {world}: network and baselines, all measures",
            lambda X=X, y=y: list(performance(X, y, options, 0.5, names)),
            lambda X=X, y=y: train(X, y, options),
            baseline_name="the training of the model",
            target=None if quick or n < 50_000 else 1 / _BUDGET,
            rounds=1 if quick else 5,
        )
        rows.append(row)
    return rows + [
        _misses(n, seeds, list(WORLDS)[: 2 if quick else None]) for n, seeds in (_QUICK if quick else _SWEEP)
    ]


def _misses(n: int, seeds: int, worlds: Sequence[str]) -> Row:
    """How many folds of so many rows end above what the default starts reach."""
    folds = ours = theirs = 0
    for world in worlds:
        for seed in range(seeds):
            X, y = make(world, n, seed)
            if min(y.sum(), n - y.sum()) < 3:
                continue
            best, loss = _folds(X, y, FitOptions(seed=seed))
            for starts in (starts_of(FitOptions(), n), 8):
                reached, other = _folds(X, y, FitOptions(seed=seed, starts=starts))
                missed = int((reached > best * (1 + 1e-6)).sum())
                if starts == 8:
                    theirs += missed
                    continue
                folds, ours = folds + len(best), ours + missed
                if missed:
                    moved = (other - loss).mean() / (loss.std() / n**0.5)
                    print(f"{world}, {n} rows, seed {seed}: {missed} missed, log loss {moved:+.2f} standard errors",
                          file=sys.stderr)  # fmt: skip
    share, base = ours / folds, theirs / folds
    ratio = base / max(share, 1 / folds)
    return Row(
        f"folds in another basin: {n:,} rows: {ours} of {folds}", share, base, "", "8 starts", ratio, (ratio, ratio)
    )


def _folds(X: Array, y: Array, options: FitOptions) -> tuple[Array, Array]:
    """J̄ of each training (5,) and the log loss of each row out of fold (n,), of the first deal."""
    number = deal(y, options.seed).number[0]
    objective, z = np.empty(number.max() + 1), np.empty((1, len(y)))
    for fold in range(len(objective)):
        out = number == fold
        fitted = train(X[~out], y[~out], options)
        objective[fold], z[0, out] = fitted.objective, logit(fitted.parameters, X[out])
    return objective, log_losses(z, y)

"""Whether a training reaches the optimum: J̄ against the best of 20 L-BFGS starts, over worlds, sizes, alphas and seeds.

A training fails when its J̄ is more than 1e-6 (relative) above that best. The baseline is how often one L-BFGS start
fails by the same measure. `python -m benchmarks optimum` takes some minutes and prints each failure.
"""

from __future__ import annotations

import sys

from app.network.options import FitOptions
from benchmarks.baseline import lbfgs_start, standardised
from benchmarks.table import Row
from benchmarks.training import train
from benchmarks.worlds import WORLDS, make

_TOLERANCE = 1e-6
# Rows, hidden units, alphas, seeds of ours.
_SWEEP = [
    (50, 2, (0.001, 0.01, 0.1, 1.0), 10),
    (200, 2, (0.001, 0.01, 0.1, 1.0), 10),
    (300, 3, (0.1,), 10),
    (300, 4, (0.01,), 10),
    (2000, 2, (0.001, 0.01, 0.1, 1.0), 10),
    (20000, 2, (0.001, 0.1), 5),
]
_QUICK = [(200, 2, (0.1,), 1)]


def run(quick: bool) -> list[Row]:
    """A row for each size and alpha: the share of failures."""
    rows = []
    for n, units, alphas, seeds in _QUICK if quick else _SWEEP:
        for alpha in alphas:
            ours = theirs = trainings = starts = 0
            for world in WORLDS:
                X, y = make(world, n)
                scaled = standardised(X)
                reached = [
                    lbfgs_start(scaled, y, alpha=alpha, seed=seed, hidden_units=units)
                    for seed in range(3 if quick else 20)
                ]
                best = min(reached) * (1 + _TOLERANCE)
                theirs += sum(value > best for value in reached)
                starts += len(reached)
                for seed in range(seeds):
                    fitted = train(X, y, FitOptions(alpha=alpha, hidden_units=units, seed=seed))
                    trainings += 1
                    if fitted.objective > best:
                        ours += 1
                        excess = fitted.objective / min(reached) - 1
                        print(f"{world}, {n} rows, {units} units, alpha {alpha}, seed {seed}: {excess:.0e} above",
                              file=sys.stderr)  # fmt: skip
            share, other = ours / trainings, theirs / starts
            ratio = other / max(share, 1 / trainings)
            name = f"optimum missed: {n:,} rows, {units} units, alpha {alpha}: {ours} of {trainings} trainings"
            rows.append(Row(name, share, other, "", "one L-BFGS start", ratio, (ratio, ratio)))
    return rows

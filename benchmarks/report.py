"""What a model's report costs, in trainings of the same rows."""

from __future__ import annotations

from app.insight.report.report import report_on
from app.network.options import FitOptions
from app.network.training_set import pose
from benchmarks.table import Row, compare
from benchmarks.training import train
from benchmarks.worlds import make

_ROWS = 50_000
_WORLDS = ("linear", "exclusive", "tied", "rare", "noise")
_NAMES = ("years_of_experience", "performance_score")
_BUDGET = 10


def run(quick: bool) -> list[Row]:
    """A row for each world."""
    options, rows = FitOptions(), []
    for world in _WORLDS[: 1 if quick else None]:
        X, y = make(world, 2000 if quick else _ROWS)
        training_set, fitted = pose(X, y, options), train(X, y, options)
        rows.append(
            compare(
                f"report on {len(y):,} rows, {world}",
                lambda X=X, y=y, training_set=training_set, fitted=fitted: list(
                    report_on(X, y, _NAMES, options, 0.5, training_set, fitted)
                ),
                lambda X=X, y=y: train(X, y, options),
                baseline_name="the training of the model",
                target=None if quick else 1 / _BUDGET,
                rounds=1 if quick else 5,
            )
        )
    return rows

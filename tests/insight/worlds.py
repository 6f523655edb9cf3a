"""What the tests of the report share: a driver of generators, and folds by hand."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

import numpy as np

from app.insight.report.cross_validation import Folds
from app.insight.report.performance import Report, performance
from app.network.options import FitOptions
from app.network.parameters import Array


def drained(run: Generator[float, None, Any]) -> tuple[Any, list[float]]:
    """What a generator returns, and all that it yields on the way."""
    seen = []
    while True:
        try:
            seen.append(next(run))
        except StopIteration as end:
            return end.value, seen


def report(inputs: Array, targets: Array, threshold: float = 0.5, **options: Any) -> Report:
    """The three sections, whole."""
    names = ["years_of_experience", "performance_score", "third"][: inputs.shape[1]]
    return drained(performance(inputs, targets, FitOptions(**options), threshold, names))[0]


def one_model(n: int) -> Folds:
    """As if one model had scored all rows, and none of them were its own."""
    return Folds(np.zeros((1, n), dtype=np.int64), 1)

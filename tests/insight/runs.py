"""What the tests of the statements about a model share."""

from __future__ import annotations

from collections.abc import Generator
from typing import TypeVar

from app.network.fit import fit
from app.network.fitted import Fitted
from app.network.options import FitOptions
from app.network.parameters import Array

Result = TypeVar("Result")


def ended(run: Generator[float, None, Result]) -> Result:
    """The result of a run whose progress never falls and stays between 0 and 1."""
    done = 0.0
    while True:
        try:
            now = next(run)
        except StopIteration as end:
            return end.value
        assert done <= now <= 1.0
        done = now


def trained(inputs: Array, targets: Array, **options: object) -> tuple[Fitted, FitOptions]:
    """A training, and its options."""
    chosen = FitOptions(**options)  # type: ignore[arg-type]
    training = fit(inputs, targets, chosen)
    while True:
        try:
            next(training)
        except StopIteration as end:
            return end.value, chosen

"""What a model says of itself: how good it is on people whom it has not seen, and whether to believe it."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from typing import Any

from app.insight.report.data import training_data
from app.insight.report.learned.summary import learned
from app.insight.report.performance import performance
from app.insight.report.signal import signal
from app.network.fit import FitOptions, Fitted, Problem
from app.network.parameters import Array

_SIGNAL, _LEARNED = 0.2, 0.4
"""The shares of the work at which these sections are done; cross-validation is the rest."""


def report_on(  # noqa: PLR0917 - all that a training is made of
    inputs: Array,
    targets: Array,
    input_names: Sequence[str],
    options: FitOptions,
    threshold: float,
    problem: Problem,
    fitted: Fitted,
) -> Generator[float, None, dict[str, Any]]:
    """The report of a network that was fitted to the problem that inputs (n, d) and targets (n,) posed, for JSON;
    yields the share done.
    """
    found = yield from _within(signal(problem.objective, fitted.loss), 0.0, _SIGNAL)
    about = learned(fitted.parameters, problem, inputs, input_names)
    shape = yield from _within(about, _SIGNAL, _LEARNED)
    expected = yield from _within(performance(inputs, targets, options, threshold, input_names), _LEARNED, 1.0)
    return {
        "signal": found,
        **expected,
        "learned": shape,
        "data": training_data(inputs, targets, input_names),
    }


def _within(
    section: Generator[float, None, dict[str, Any]], begin: float, end: float
) -> Generator[float, None, dict[str, Any]]:
    """A section's share of the work."""
    while True:
        try:
            done = next(section)
        except StopIteration as ended:
            result: dict[str, Any] = ended.value
            return result
        yield begin + (end - begin) * done

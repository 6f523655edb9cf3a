"""What a model says of itself: how good it is on people whom it has not seen, and whether to believe it."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from typing import Any

from app.insight.report.data import training_data
from app.insight.report.learned.summary import learned
from app.insight.report.performance import performance
from app.insight.report.signal import signal
from app.network.fitted import Fitted
from app.network.options import FitOptions
from app.network.parameters import Array
from app.network.progress import within
from app.network.training_set import TrainingSet

_SIGNAL, _LEARNED = 0.2, 0.4
"""The shares of the work at which these sections are done; cross-validation is the rest."""


def report_on(  # noqa: PLR0917 - all that a training is made of
    inputs: Array,
    targets: Array,
    input_names: Sequence[str],
    options: FitOptions,
    threshold: float,
    training_set: TrainingSet,
    fitted: Fitted,
) -> Generator[float, None, dict[str, Any]]:
    """The report of a network that was fitted to the training set that inputs (n, d) and targets (n,) make, for JSON;
    yields the share done.
    """
    found = yield from within(signal(training_set.objective, fitted.loss), 0.0, _SIGNAL)
    about = learned(fitted.parameters, training_set, inputs, input_names)
    shape = yield from within(about, _SIGNAL, _LEARNED - _SIGNAL)
    expected = yield from within(
        performance(inputs, targets, options, threshold, input_names), _LEARNED, 1.0 - _LEARNED
    )
    return {
        "signal": found,
        **expected,
        "learned": shape,
        "data": training_data(inputs, targets, input_names),
    }

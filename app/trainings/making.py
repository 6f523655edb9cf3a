"""From a job to its result: the network first, then what its scores are explained with, then its report."""

from collections.abc import Generator, Sequence
from dataclasses import replace

from app.insight.evidence.evidence import collect
from app.insight.report.report import report_on
from app.network.fit import FitOptions, Fitted, pose, solve
from app.network.parameters import Array
from app.network.training import Progress
from app.trainings.result import Result

FIT_SHARE = 0.2
"""Of the work, where a report is made: its cross-validation alone trains more often than the training."""


def make(
    table: Array, input_names: Sequence[str], options: FitOptions, threshold: float, report: bool
) -> Generator[Progress, None, Result]:
    """Train on a job's table (n, d + 1) and look at what came of it, with progress on the way.

    Raises UnusableData before the first progress.
    """
    inputs, targets = table[:, :-1], table[:, -1]
    problem = pose(inputs, targets, options)
    if not report:
        del table, inputs, targets  # of many rows few may be distinct
    share = FIT_SHARE if report else 1.0
    fitted, last = yield from _shared(solve(problem, options), share)
    if fitted.outcome == "not_finite":
        return Result(fitted, None, None)
    evidence = collect(problem, fitted.parameters, threshold)
    if not report:
        return Result(fitted, evidence, None)
    reporting = report_on(inputs, targets, input_names, options, threshold, problem, fitted)
    while True:
        try:
            done = next(reporting)
        except StopIteration as end:
            return Result(fitted, evidence, end.value)
        yield replace(last, done=share + (1.0 - share) * done)


def _shared(
    training: Generator[Progress, None, Fitted], share: float
) -> Generator[Progress, None, tuple[Fitted, Progress]]:
    """A training as that share of the work; what it came to, and its last progress."""
    last = Progress(1, 1, 0, 0.0, 0.0)
    while True:
        try:
            last = next(training)
        except StopIteration as end:
            return end.value, last
        yield replace(last, done=last.done * share)

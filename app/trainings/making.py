"""From a job to its result: the network first, then what its scores are explained with, then its report."""

from collections.abc import Generator
from dataclasses import replace

from app.insight.evidence.evidence import collect, tensors
from app.insight.report.report import report_on
from app.network.fit import solve
from app.network.fitted import Fitted
from app.network.progress import Progress, told
from app.network.training_set import pose
from app.trainings.job import Job
from app.trainings.result import Result

FIT_SHARE = 0.2
"""Of the work, where a report is made: its cross-validation alone trains more often than the training."""


def make(job: Job) -> Generator[Progress, None, Result]:
    """Train on a job and look at what came of it, with progress on the way.

    Raises UnusableData before the first progress.
    """
    inputs, targets, names = job.table[:, :-1], job.table[:, -1], job.input_names
    options, threshold, wants_report = job.fit, job.threshold, job.report
    training_set = pose(inputs, targets, options)
    del job
    if not wants_report:
        del inputs, targets  # of many rows few may be distinct
    share = FIT_SHARE if wants_report else 1.0
    fitted, last = yield from _shared(solve(training_set, options), share)
    if fitted.outcome == "not_finite":
        return Result(fitted, None, None)
    evidence = tensors(collect(training_set, fitted.parameters, threshold))
    if not wants_report:
        return Result(fitted, evidence, None)
    reporting = report_on(inputs, targets, names, options, threshold, training_set, fitted)
    report = yield from told(reporting, lambda done: replace(last, done=share + (1.0 - share) * done))
    return Result(fitted, evidence, report)


def _shared(
    training: Generator[Progress, None, Fitted], share: float
) -> Generator[Progress, None, tuple[Fitted, Progress]]:
    """A training as that share of the work; what it came to, and its last progress."""
    last = Progress(1, 1, 0, 0.0, 0.0)

    def part_done(progress: Progress) -> Progress:
        nonlocal last
        last = progress
        return replace(progress, done=progress.done * share)

    fitted = yield from told(training, part_done)
    return fitted, last

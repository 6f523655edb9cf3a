"""One line of the benchmark table, and how two things are timed fairly."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """A measurement of ours beside a named baseline that was measured in the same run.

    ours, baseline  medians over the rounds, in the unit given
    ratio           how many times better ours is: the median of the rounds' ratios
    spread          the least and the greatest ratio of a round
    target          the ratio that is wanted, None where there is none
    """

    benchmark: str
    ours: float
    baseline: float
    unit: str
    baseline_name: str
    ratio: float
    spread: tuple[float, float]
    target: float | None = None

    def cells(self) -> list[str]:
        """The row as text."""
        low, high = self.spread
        met = "" if self.target is None else f"≥ {self.target:g}" + ("" if self.ratio >= self.target else " (missed)")
        ours, baseline = (f"{value:.4g} {self.unit}" for value in (self.ours, self.baseline))
        ratio, spread = f"{self.ratio:.2f}", f"{low:.2f} to {high:.2f}"
        return [self.benchmark, ours, f"{baseline} ({self.baseline_name})", ratio, spread, met]


HEAD = ["benchmark", "ours", "baseline", "ratio", "spread", "target"]


def seconds(work: Callable[[], object]) -> float:
    """How long one call takes."""
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def compare(
    benchmark: str,
    ours: Callable[[], object],
    baseline: Callable[[], object],
    *,
    baseline_name: str,
    target: float | None,
    rounds: int = 5,
) -> Row:
    """Time both in every round, in turn, so that a slow spell of the machine meets both."""
    pairs = [(seconds(ours), seconds(baseline)) for _ in range(rounds)]
    ratios = [slow / fast for fast, slow in pairs]
    medians = [statistics.median(times) for times in zip(*pairs, strict=True)]
    middle = statistics.median(ratios)
    return Row(benchmark, *medians, "s", baseline_name, middle, (min(ratios), max(ratios)), target)


def of_rates(
    benchmark: str,
    unit: str,
    ours: Sequence[float],
    theirs: Sequence[float],
    *,
    baseline_name: str,
    target: float | None = None,
) -> Row:
    """The row of what both did a second in each round."""
    ratios = [mine / other for mine, other in zip(ours, theirs, strict=True)]
    medians = [statistics.median(rates) for rates in (ours, theirs)]
    spread = (min(ratios), max(ratios))
    return Row(benchmark, *medians, unit, baseline_name, statistics.median(ratios), spread, target)

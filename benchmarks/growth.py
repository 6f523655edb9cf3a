"""How the cost of a whole default training grows with the rows: times, and a plot of them in growth.svg.

Each size is compared with ten times what a tenth of the rows took in the same rounds: a ratio of 1 is linear growth, a
greater one growth that is less than linear, as where the fixed cost of the starts still weighs.
"""

from __future__ import annotations

import itertools
import statistics
import sys
from pathlib import Path

from app.network.options import FitOptions
from benchmarks.table import Row, seconds
from benchmarks.training import train
from benchmarks.worlds import make

# Continuous inputs, then whole years and whole scores.
_WORLDS = {"exclusive": "continuous", "tied": "whole numbers"}
_SIZES = (10_000, 100_000, 1_000_000, 10_000_000)
_ROUNDS = 5
# Below 1 the cost grows faster than the rows; a tenth is left to what larger arrays miss in the cache.
_LINEAR = 0.9
_PLOT = Path(__file__).with_name("growth.svg")

Times = dict[int, list[float]]


def run(quick: bool) -> list[Row]:
    """A row for each tenfold growth of each world, and the plot after a full run."""
    sizes, rounds = ((300, 3000), 1) if quick else (_SIZES, _ROUNDS)
    times = {world: _times(world, sizes, rounds) for world in _WORLDS}
    if not quick:
        _plot(times)
    return [row for world in _WORLDS for row in _rows(world, times[world], None if quick else _LINEAR)]


def _times(world: str, sizes: tuple[int, ...], rounds: int) -> Times:
    """Seconds of each round for each number of rows; a round is one training of each size."""
    data = {n: make(world, n) for n in sizes}
    times: Times = {n: [] for n in sizes}
    for n in sizes:  # the first training of a process pays for pages and libraries that are not there yet
        train(*data[n], FitOptions())
    for _ in range(rounds):
        for n in sizes:
            times[n].append(seconds(lambda n=n: train(*data[n], FitOptions())))
    return times


def _rows(world: str, times: Times, target: float | None) -> list[Row]:
    """Each size beside ten times the next smaller one."""
    rows = []
    sizes = sorted(times)
    for fewer, n in itertools.pairwise(sizes):
        linear = [t * n / fewer for t in times[fewer]]
        ratios = [wanted / t for wanted, t in zip(linear, times[n], strict=True)]
        ours, baseline = statistics.median(times[n]), statistics.median(linear)
        name = f"train {n:,} rows, {world} ({1e9 * ours / n:,.0f} ns a row)"
        spread = (min(ratios), max(ratios))
        against = f"{n // fewer} times {fewer:,} rows"
        rows.append(Row(name, ours, baseline, "s", against, statistics.median(ratios), spread, target))
    return rows


def _plot(times: dict[str, Times]) -> None:
    """growth.svg: medians against rows, both logarithmic, beside a line of slope 1."""
    try:
        import matplotlib as mpl  # noqa: PLC0415 - optional: the extra `benchmark`
    except ImportError:
        print("growth.svg is left as it is: matplotlib is not installed (the extra `benchmark`)", file=sys.stderr)
        return
    mpl.use("svg")
    # Text as text, and the same file for the same times.
    mpl.rcParams.update({"svg.fonttype": "none", "svg.hashsalt": "growth", "font.size": 11})
    import matplotlib.pyplot as plt  # noqa: PLC0415

    figure, axes = plt.subplots(figsize=(7, 4.5), layout="constrained")
    for (world, each), marker in zip(times.items(), "os", strict=True):
        sizes = sorted(each)
        middle = [statistics.median(each[n]) for n in sizes]
        axes.loglog(sizes, middle, marker=marker, label=f"{_WORLDS[world]} ({world})")
        for n in sizes:
            axes.plot([n, n], [min(each[n]), max(each[n])], color=axes.lines[-1].get_color(), linewidth=1)
    largest = max(sizes)
    ends = [largest / 1000, largest]
    slowest = max(statistics.median(each[largest]) for each in times.values())
    axes.loglog(ends, [slowest * n / largest for n in ends], "--", color="0.6", label="linear (slope 1)", zorder=0)
    axes.set(xlabel="rows", ylabel="seconds of a whole training", title="Cost of a default training, one core")
    axes.grid(which="major", color="0.9")
    axes.legend(frameon=False)
    figure.savefig(_PLOT, metadata={"Date": None, "Creator": None})
    plt.close(figure)

"""How often the no-signal verdict raises a false alarm, and what weak signals it finds.

False alarms: 1,008 data sets whose decisions were drawn without a look at the inputs, 30 to 2,000 rows, 5 to 50 %
promoted, inputs continuous, tied (whole years and scores) or skewed; wanted are at most 6 % with p ≤ 0.05.

Power: data sets with a weak signal. The baselines are what one would take instead: the likelihood-ratio test of a
logistic regression, which sees slopes only, and a permutation test that trains the network again on every shuffle
(16 starts, 99 shuffles, by the J̄ reached), which costs a hundred trainings a data set.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from itertools import product

import numpy as np
from scipy.stats import chi2
from sklearn.linear_model import LogisticRegression

from app.insight.report.permutation import p_value
from app.network.options import FitOptions
from app.network.training_set import pose
from benchmarks.baseline import standardised
from benchmarks.table import Row
from benchmarks.training import train
from benchmarks.worlds import Array

Test = Callable[[Array, Array], float]

_LEVEL, _ALLOWED = 0.05, 0.06
_SIZES, _SHARES = (30, 60, 120, 250, 500, 1000, 2000), (0.05, 0.1, 0.25, 0.5)
_REPEATED, _POWER_SETS, _TRAINED_SETS = 12, 200, 60
_POWER_SIZES, _TRAINED_SIZE = (100, 200, 400, 800, 1600), 200


def continuous(rng: np.random.Generator, n: int) -> Array:
    """Years and scores spread evenly."""
    return np.column_stack([rng.uniform(0, 40, n), rng.uniform(0, 100, n)])


def tied(rng: np.random.Generator, n: int) -> Array:
    """Whole years, scores in steps of ten."""
    return np.column_stack([rng.integers(0, 21, n), 10 * rng.integers(0, 11, n)]).astype(np.float64)


def skewed(rng: np.random.Generator, n: int) -> Array:
    """Long-tailed years, scores piled up near the top."""
    return np.column_stack([np.minimum(rng.lognormal(1.2, 0.9, n), 80.0), 100 * rng.beta(8, 2, n)])


def noise(
    rng: np.random.Generator, inputs: Callable[[np.random.Generator, int], Array], n: int, share: float
) -> tuple[Array, Array]:
    """Inputs, and decisions that have nothing to do with them; both decisions occur."""
    while True:
        y = (rng.random(n) < share).astype(np.float64)
        if y.min() < y.max():
            return inputs(rng, n), y


def slope(rng: np.random.Generator, n: int) -> tuple[Array, Array]:
    """From 40 % at no years to 60 % at forty; the score does not matter."""
    X = continuous(rng, n)
    return X, (rng.random(n) < 0.4 + 0.2 * X[:, 0] / 40).astype(np.float64)


def exclusive(rng: np.random.Generator, n: int) -> tuple[Array, Array]:
    """XOR: 60 % with either many years or a high score, 40 % with both or neither."""
    X = continuous(rng, n)
    return X, (rng.random(n) < np.where((X[:, 0] > 20) != (X[:, 1] > 50), 0.6, 0.4)).astype(np.float64)


def rare(rng: np.random.Generator, n: int) -> tuple[Array, Array]:
    """2 %, but 12 % of those with many years and a high score."""
    X = continuous(rng, n)
    y = (rng.random(n) < np.where((X[:, 0] > 20) & (X[:, 1] > 70), 0.12, 0.02)).astype(np.float64)
    y[:2] = 0.0, 1.0
    return X, y


def ours(X: Array, y: Array) -> float:
    """The p of app/insight/report/permutation.py."""
    run = p_value(pose(X, y, FitOptions()).objective)
    while True:
        try:
            next(run)
        except StopIteration as end:
            return float(end.value)


def likelihood_ratio(X: Array, y: Array) -> float:
    """The p of 2n(H − loss) of an unpenalised logistic regression, chi-squared with d degrees of freedom."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # separable data: no finite optimum
        fitted = LogisticRegression(C=np.inf, tol=1e-8).fit(standardised(X), y)
    p = fitted.predict_proba(standardised(X))[:, 1]
    gain = np.log(np.where(y == 1, p, 1 - p)).sum() - np.log(np.where(y == 1, y.mean(), 1 - y.mean())).sum()
    return float(chi2.sf(2 * gain, X.shape[1]))


def retrained(X: Array, y: Array) -> float:
    """The p of a permutation test by the J̄ that trainings reach."""
    rng, options = np.random.default_rng(0), FitOptions(starts=16)
    real = train(X, y, options).objective
    reached = [train(X, rng.permutation(y), options).objective for _ in range(99)]
    return (1 + sum(value <= real * (1 + 1e-9) for value in reached)) / 100


def run(quick: bool) -> list[Row]:
    """A row for each kind of inputs without a signal, one for all of them, and one for each weak signal and size."""
    rows, all_alarms, all_sets = [], 0, 0
    for inputs in (continuous, tied, skewed):
        alarms = sets = 0
        for size, share, repeat in product(_SIZES, _SHARES, range(1 if quick else _REPEATED)):
            rng = np.random.default_rng([size, round(1000 * share), repeat])
            alarms += ours(*noise(rng, inputs, size, share)) <= _LEVEL
            sets += 1
        rows.append(_alarms(f"{inputs.__name__} inputs", alarms, sets, None))
        all_alarms, all_sets = all_alarms + alarms, all_sets + sets
    rows.append(_alarms("all", all_alarms, all_sets, None if quick else 1.0))
    for world, size in product((slope, exclusive, rare), _POWER_SIZES[:2] if quick else _POWER_SIZES):
        sets = 5 if quick else _POWER_SETS
        rows.append(_power(world, size, sets, likelihood_ratio, "likelihood ratio of a logistic regression"))
    if not quick:
        rows += [
            _power(world, _TRAINED_SIZE, _TRAINED_SETS, retrained, "a training on every shuffle")
            for world in (slope, exclusive)
        ]
    return rows


def _alarms(name: str, alarms: int, sets: int, target: float | None) -> Row:
    share = alarms / sets
    ratio = _ALLOWED / max(share, 1 / sets)
    name = f"false alarms, {name}: {alarms} of {sets:,} data sets"
    return Row(name, share, _ALLOWED, "", "allowed", ratio, (ratio, ratio), target)


def _power(
    world: Callable[[np.random.Generator, int], tuple[Array, Array]], size: int, sets: int, other: Test, name: str
) -> Row:
    """How often both find the signal, on the same data."""
    made = [world(np.random.default_rng([7, size, i]), size) for i in range(sets)]
    mine, theirs = (sum(test(X, y) <= _LEVEL for X, y in made) / sets for test in (ours, other))
    ratio = mine / max(theirs, 1 / sets)
    return Row(f"signal found: {world.__name__}, {size:,} rows", mine, theirs, "", name, ratio, (ratio, ratio))

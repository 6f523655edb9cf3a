"""Scores for people whom the network that scores them has not seen.

The rows are dealt into k folds. Each fold is scored by a model that was trained on the others, by the whole procedure:
scaling, random starts, descent. So the scores err as a new employee's would, of a model trained on a share (k − 1)/k of
the rows: slightly pessimistic.

    fewer than 20 rows    leave-one-out: each row is a fold; folds of several would leave too few to learn from
    otherwise             5 folds, stratified: each has its share of both decisions, to within one row
    fewer than 500 rows   the same several times, dealt anew, so that 500 rows are scored in all, at most ten times: the
                          luck of the deal averages out (that of who the rows are does not)

Every training part keeps both decisions, as long as both occur at least twice.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from app.network.fit import fit
from app.network.forward import logit
from app.network.options import FitOptions
from app.network.parameters import Array, Mask
from app.network.progress import Progress, told
from app.network.solvers.starts import starts_on

_LEAVE_ONE_OUT_BELOW = 20
_FOLDS = 5
_SCORED = 500
_MOST_REPEATS = 10

_STARTS, _STARTS_ON_MANY, _MANY = 32, 16, 10_000
"""Random starts of a fold's training, and of one that has so many rows that basins are easy to tell apart."""


@dataclass(frozen=True, eq=False)
class Folds:
    """number (r, n): in which of count folds each of n rows is held out, in each of r repeats."""

    number: NDArray[np.int64]
    count: int

    @property
    def repeats(self) -> int:
        """How often the rows were dealt, r."""
        return len(self.number)

    @property
    def leave_one_out(self) -> bool:
        """Whether each row is a fold."""
        return self.count == len(self.number[0])

    @property
    def scheme(self) -> str:
        """In words."""
        if self.leave_one_out:
            return "leave-one-out"
        return f"{self.count}-fold stratified" + (f", {self.repeats} times" if self.repeats > 1 else "")


@dataclass(frozen=True)
class Procedure:
    """How a model is made: from some of the columns, with these options; without options, it is the base rate alone."""

    name: str
    columns: Sequence[int]
    options: FitOptions | None


def deal(targets: Array, seed: int) -> Folds:
    """Folds for targets (n,) of 0 and 1, both of which occur at least twice."""
    n = len(targets)
    if n < _LEAVE_ONE_OUT_BELOW:
        return Folds(np.arange(n)[None, :], n)
    repeats = min(_MOST_REPEATS, max(1, _SCORED // n))
    number, rng = np.empty((repeats, n), dtype=np.int64), np.random.default_rng(seed)
    for dealt in number:
        # One decision after the other, in turn: no fold has more than one above another, of either or of both.
        order = np.concatenate([rng.permutation(np.flatnonzero(targets == decision)) for decision in (1, 0)])
        dealt[order] = np.arange(n) % _FOLDS
    return Folds(number, _FOLDS)


def held_out(procedure: Procedure, inputs: Array, targets: Array, folds: Folds) -> Generator[float, None, Array]:
    """The logit (r, n) of each row of inputs (n, d), from the model that did not see it; yields the share done.

    A fold's training begins at random, never at a network that has seen the rows held out. It makes fewer starts than
    the model's own: 32, and 16 from 10,000 rows on. Over twelve worlds of 60 to 20,000 rows 2 of 915 folds then ended
    in another basin; no log loss moved by more than a sixth of its standard error (benchmarks/cross_validation.py).
    """
    z, X = np.empty(folds.number.shape), inputs[:, list(procedure.columns)]
    finished, models = 0, folds.count * folds.repeats
    for repeat, number in enumerate(folds.number):
        for fold in range(folds.count):
            out = number == fold
            training = _logits(procedure.options, X, targets, out)
            z[repeat, out] = yield from told(training, _share(finished, models))
            finished += 1
    return z


def _share(finished: int, models: int) -> Callable[[Progress], float]:
    """From the progress of one more training to the share done of so many."""
    return lambda progress: (finished + progress.done) / models


def _logits(options: FitOptions | None, X: Array, targets: Array, out: Mask) -> Generator[Progress, None, Array]:
    """The logits (m,) of the m rows that are held out, of the model of the others."""
    y = targets[~out]
    if options is None:
        promoted = y.sum()
        return np.full(len(targets) - len(y), np.log(promoted / (len(y) - promoted)))
    fitted = yield from fit(X[~out], y, replace(options, starts=starts_of(options, len(y))))
    return logit(fitted.parameters, X[out])


def starts_of(options: FitOptions, rows: int) -> int:
    """How many random starts the training of a fold makes on so many rows."""
    return min(_STARTS if rows < _MANY else _STARTS_ON_MANY, starts_on(rows, options))

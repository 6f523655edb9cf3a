"""What the model learned: in which direction each input works, whether another answer is as good, how complex it is."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from itertools import count
from typing import Any

import numpy as np

from app.insight.report.learned.monotonicity import FLAT, Monotonicity, monotonicity, slope
from app.insight.report.learned.uniqueness import solution
from app.network.forward import score
from app.network.loss import sums
from app.network.parameters import Array, Parameters
from app.network.progress import told
from app.network.training_set import TrainingSet

_STEPS, _LINES = 128, 128
"""Where the score goes against its direction is looked up on lines along the input, in so many steps over its range,
through about so many combinations of the other inputs.
"""


def learned(
    parameters: Parameters, training_set: TrainingSet, inputs: Array, input_names: Sequence[str]
) -> Generator[float, None, dict[str, Any]]:
    """The section "learned" of a network that was trained on that training set, of rows with inputs (n, d) in raw
    units. Yields the share done.
    """
    steps = count(1)
    # How many steps there will be is not known. Most answers take 30 to 100.
    found = yield from told(solution(parameters, training_set), lambda _: 1.0 - 0.97 ** next(steps))
    return {
        "monotone": [direction(parameters, i, inputs, input_names) for i in range(parameters.inputs)],
        "solution": found,
        "effective_parameters": effective_parameters(parameters, training_set),
        "parameters": training_set.objective.layout.size,
    }


def effective_parameters(parameters: Parameters, training_set: TrainingSet) -> float:
    """How many of the P weights the data determine, and not the penalty: γ = trace(G·H⁻¹), between 0 and P.

    G is n times the Gauss-Newton matrix of the mean loss, H = G + alpha on weights (D. J. C. MacKay, "A practical
    Bayesian framework for backpropagation networks", Neural Computation 4, 1992; J. E. Moody, NIPS 4, 1992).
    """
    objective = training_set.objective
    theta = objective.layout.theta(parameters, training_set.scale)[None]
    G = sums(objective.layout, theta, objective.rows).matrix[0]
    H = G + objective.alpha * np.diag(objective.layout.penalised())
    # A bias that nothing depends on (a unit that is 0 or 1 for everybody) has neither data nor penalty: it counts 0.
    return float(np.clip(np.trace(np.linalg.pinv(H, rcond=1e-13, hermitian=True) @ G), 0.0, objective.layout.size))


def direction(parameters: Parameters, i: int, inputs: Array, input_names: Sequence[str]) -> dict[str, Any]:
    """How ŷ goes with input i over the ranges of inputs (n, d) in raw units, and where it goes against that.

    direction         rising, falling, constant; or neither: then mostly says which is true of more rows
    proved            whether slopes of the other sign are ruled out everywhere, not only where they were looked for
    where             stretches of the input, to 1/128 of its range, along which the score goes the other way for some
                      values of the others (between from and to of each); rows of the data that lie there and for which
                      it does
    largest_reversal  by how much the probability goes the other way at most, on one of the lines looked at
    """
    low, high = inputs.min(axis=0), inputs.max(axis=0)
    found = monotonicity(parameters, i, low, high)
    section: dict[str, Any] = {
        "input": input_names[i],
        "direction": found.direction,
        "proved": found.proved,
        "mostly": None,
        "where": [],
        "largest_reversal": 0.0,
    }
    if found.direction == "neither":
        flat = FLAT / (high[i] - low[i])
        here = slope(parameters, i, inputs)
        main = 1.0 if (here > flat).sum() >= (here < -flat).sum() else -1.0
        lines = _lines(found, i, low, high)
        against = (main * slope(parameters, i, lines.reshape(-1, len(low))) < -flat).reshape(lines.shape[:2])
        section["mostly"] = "rising" if main > 0 else "falling"
        section["where"] = _where(against, lines, i, inputs[main * here < -flat], input_names)
        section["largest_reversal"] = _largest_reversal(parameters, lines, main)
    return section


def _lines(found: Monotonicity, i: int, low: Array, high: Array) -> Array:
    """Points (lines, steps, d) along input i: a lattice of the others, and the two points that prove both signs."""
    others = [j for j in range(len(low)) if j != i]
    each = max(2, int(_LINES ** (1.0 / max(1, len(others))) + 1e-9)) + 1
    lattice = np.meshgrid(*(np.linspace(low[j], high[j], each) for j in others), indexing="ij")
    lines = np.empty((lattice[0].size if others else 1, len(low)))
    for j, values in zip(others, lattice, strict=True):
        lines[:, j] = values.ravel()
    lines = np.vstack([lines, *(point for point in (found.rise, found.fall) if point is not None)])
    points = np.repeat(lines[:, None, :], _STEPS + 1, axis=1)
    points[:, :, i] = np.linspace(low[i], high[i], _STEPS + 1)
    return points


def _where(against: Array, lines: Array, i: int, rows: Array, input_names: Sequence[str]) -> list[dict[str, Any]]:
    """Each stretch of input i with a line on which the score goes against its direction; rows (·, d) that do so."""
    steps = np.flatnonzero(against.any(axis=0))
    stretches = np.split(steps, np.flatnonzero(np.diff(steps) > 1) + 1)
    x, found = lines[0, :, i], []
    for stretch in stretches:
        start, end = float(x[stretch[0]]), float(x[stretch[-1]])
        concerned = lines[against[:, stretch].any(axis=1), 0]  # (·, d)
        found.append(
            {
                "from": start,
                "to": end,
                "others": [
                    {"input": name, "from": float(concerned[:, j].min()), "to": float(concerned[:, j].max())}
                    for j, name in enumerate(input_names)
                    if j != i
                ],
                "rows": int(((rows[:, i] >= start) & (rows[:, i] <= end)).sum()),
            }
        )
    return found


def _largest_reversal(parameters: Parameters, lines: Array, main: float) -> float:
    """The greatest fall of main·ŷ on the way along one of the lines (lines, steps, d)."""
    p = main * score(parameters, lines.reshape(-1, lines.shape[2])).reshape(lines.shape[:2])
    return float((np.maximum.accumulate(p, axis=1) - p).max())

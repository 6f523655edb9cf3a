"""What can be said of the data before any model: ranges, duplicates, contradictions, and columns that look wrong."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from app.network.grouping import group
from app.network.parameters import Array
from app.network.standardise import measure

_CHANCE = 0.01
"""A column that separates the classes is suspicious unless chance alone would do it more often than this."""


def training_data(inputs: Array, targets: Array, input_names: Sequence[str]) -> dict[str, Any]:
    """The section "data" of a training on inputs (n, d) in raw units and targets (n,), 0 and 1 among them."""
    columns = np.ascontiguousarray(inputs.T, dtype=np.float64)
    y = np.ascontiguousarray(targets, dtype=np.float64)
    _, counts, promoted = distinct_rows(*group(columns, y))
    n, contradicted = len(y), (promoted > 0) & (promoted < counts)
    scale = measure(columns, np.ones(n))
    constant = columns.min(axis=1) == columns.max(axis=1)
    return {
        "rows": n,
        "promoted": int(y.sum()),
        "class_balance": float(y.mean()),
        "inputs": [
            {
                "input": name,
                "low": float(column.min()),
                "high": float(column.max()),
                "mean": float(mean),
                "deviation": 0.0 if flat else float(deviation),
                "distinct": len(np.unique(column)),
            }
            for name, column, mean, deviation, flat in zip(
                input_names, columns, scale.mean, scale.deviation, constant, strict=True
            )
        ],
        "duplicates": int(counts[counts > 1].sum()),
        "contradictions": {"groups": int(contradicted.sum()), "rows": int(counts[contradicted].sum())},
        "loss_floor": loss_floor(counts, promoted),
        "suspicious": [
            {"input": name, **reason}
            for name, column, flat in zip(input_names, columns, constant, strict=True)
            if (reason := _suspicion(column, y, bool(flat))) is not None
        ],
    }


def distinct_rows(X: Array, counts: Array, promoted: Array) -> tuple[Array, Array, Array]:
    """Columns (d, m), counts and promoted (m,) -> the same with every combination of inputs once.

    `group` leaves rows that are worth no grouping as they are, equal ones among them.
    """
    order = np.lexsort(X)
    X = X[:, order]
    first = np.flatnonzero(np.r_[True, (X[:, 1:] != X[:, :-1]).any(axis=0)])
    return X[:, first], np.add.reduceat(counts[order], first), np.add.reduceat(promoted[order], first)


def loss_floor(counts: Array, promoted: Array) -> float:
    """Mean cross-entropy, in nats, that no function of the inputs can go below: 1/n·Σ [s ln(c/s) + (c−s) ln(c/(c−s))].

    Rows with the same inputs get the same probability, and the best one is the share s/c of them that was promoted.
    """
    mixed = (promoted > 0) & (promoted < counts)
    c, s = counts[mixed], promoted[mixed]
    return float((s * np.log(c / s) + (c - s) * np.log(c / (c - s))).sum() / counts.sum())


def _suspicion(column: Array, y: Array, constant: bool) -> dict[str, str] | None:
    """Why a column (n,) looks wrong, None when it does not."""
    if constant:
        return {"why": "constant", "text": "Every row has the same value, so that nothing can be learnt from it."}
    promoted, others = column[y == 1], column[y == 0]
    for side, beyond in (("above", promoted.min() > others.max()), ("below", promoted.max() < others.min())):
        if beyond and _chance(len(promoted), len(others)) <= _CHANCE:
            return {
                "why": "separates_alone",
                "text": f"Everybody promoted is {side} everybody who was not. Was it recorded after the decision, or "
                "made from it?",
            }
    return None


def _chance(promoted: int, others: int) -> float:
    """How often a column separates so many promoted from so many others by chance: two of all n!/(s!(n−s)!) choices."""
    ways = math.lgamma(promoted + others + 1) - math.lgamma(promoted + 1) - math.lgamma(others + 1)
    return min(1.0, 2.0 * math.exp(-ways))

"""Explained scores as CSV: the columns of csv_answer.py, and behind them what an explanation says, empty where there is
none.
"""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from app.api.bodies.csv_cells import CsvCells
from app.api.explanations.columns import change_parts, change_words, reason_columns, warnings_column
from app.api.explanations.explaining import ExplainedScores
from app.api.explanations.text_columns import (
    Column,
    Part,
    answer_of,
    framed,
    numbers,
    picked,
    repeated_in_parts,
    rows_of,
    spread,
)
from app.inputs import NAMES as INPUTS
from app.insight.changes.changes import ChangeColumns, Changes
from app.insight.contributions.reasons import Reason
from app.network.parameters import Array

COLUMNS = (
    "employee_id",
    "probability",
    "promote",
    "base_logit",
    "base_probability",
    *(f"{name}.{scale}" for name in INPUTS for scale in ("logit", "probability")),
    "residual",
    "reason_1",
    "reason_2",
    "change",
    *(f"change.{name}" for name in INPUTS),
    "change.probability",
    "change.distance",
    "highest_reachable_probability",
    "interval.low",
    "interval.high",
    "warnings",
    "refer_to_person",
)
"""`change…` is the nearest change of all; an input that stays as it is has an empty cell."""


_NOTHING = b"," * (len(COLUMNS) - 3)
_PROMOTE = b",false", b",true"


def write_explained_csv(ids: CsvCells, scores: Iterable[tuple[slice, ExplainedScores]]) -> memoryview:
    """The rows, in order, under a header."""
    parts = [",".join(COLUMNS).encode() + b"\n"]
    for rows, block in scores:
        parts += rows_of([*_columns(ids.written(rows), block), b"\n"], len(block.inputs))
    return answer_of(parts)


def _columns(ids: list[bytes], scores: ExplainedScores) -> list[Column]:
    n, explainer = len(ids), scores.explainer
    bases = b",%b," % numbers(np.array([[explainer.base_logit, explainer.base_probability]]))[0]
    explained = np.zeros(n, dtype=np.intp)
    explained[scores.explained] = 1
    promote = [truth + rest for rest in (_NOTHING, bases) for truth in _PROMOTE]
    columns: list[Column] = [
        ids,
        b",",
        numbers(scores.probabilities),
        picked(promote, 2 * explained + scores.promote),
    ]
    if len(scores.explained):
        columns += [spread(column, scores.explained, n) for column in _explanation(scores)]
    return columns


def _explanation(scores: ExplainedScores) -> list[Column]:
    inputs, given = scores.inputs[scores.explained], scores.explanations
    contributions = np.stack([given.logit, given.probability], axis=2).reshape(len(inputs), -1)
    reachable = given.changes.highest_reachable_probability
    return [
        numbers(np.column_stack([contributions, given.residual])),
        *reason_columns(given.probability, scores.explainer.question.background, _reason),
        *_nearest(inputs, given.changes),
        b",",
        numbers(np.column_stack([reachable, given.low, given.high])),
        warnings_column(given, _warnings),
    ]


def _reason(_place: int, reason: Reason | None) -> bytes:
    return b',"%b"' % reason.text.encode() if reason else b","  # the sentences have commas, and no quotes


def _nearest(inputs: Array, changes: Changes) -> list[list[bytes]]:
    """The cells of the nearest change."""
    n, parts, cell = len(inputs), change_parts(changes, 0), framed(b",")
    nothing = picked([b"", b"," * (len(INPUTS) + 3)], (~changes.any).astype(np.intp))
    if not parts:
        return [nothing]
    return [
        nothing,
        *change_words(parts, inputs, b",", b""),
        *(repeated_in_parts(n, [_value(rows, kind, i) for rows, kind in parts]) for i in range(len(INPUTS))),
        repeated_in_parts(n, [(rows, kind.probability[rows], cell) for rows, kind in parts]),
        repeated_in_parts(n, [(rows, kind.distance[rows], cell) for rows, kind in parts]),
    ]


def _value(rows: NDArray[np.intp], kind: ChangeColumns, i: int) -> Part:
    if i in kind.inputs:
        return rows, kind.values[kind.inputs.index(i)][rows], framed(b",")
    return rows, np.zeros(len(rows)), lambda distinct: [b","] * len(distinct)


def _warnings(_outside: list[int], warnings: tuple[str, ...]) -> bytes:
    return b",%b,%b" % (";".join(warnings).encode(), b"true" if warnings else b"false")

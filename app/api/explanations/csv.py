"""Explained scores as CSV: the columns of csv_answer.py, and behind them what an explanation says, empty where there is
none.
"""

from collections.abc import Iterable, Iterator

from app.api.bodies.csv_cells import CsvCells
from app.api.explanations.explaining import ExplainedScores
from app.api.explanations.table import csv_fields
from app.api.explanations.text_columns import Piece, truths
from app.api.explanations.text_rows import among, answer_of, rows_of
from app.insight.explainer import Explanations

_EXPLANATION = tuple(column for field in csv_fields() for column in field.columns)
COLUMNS = ("employee_id", "probability", "promote", *_EXPLANATION)
"""`change…` is the nearest change of all; an input that stays as it is has an empty cell."""


def write_explained_csv(ids: CsvCells, scores: Iterable[tuple[slice, ExplainedScores]]) -> memoryview:
    """The rows, in order, under a header."""
    parts = [",".join(COLUMNS).encode() + b"\n"]
    for rows, block in scores:
        parts += rows_of(_row(ids.written(rows), block), len(block.promote))
    return answer_of(parts)


def _row(ids: list[bytes], scores: ExplainedScores) -> Iterator[Piece]:
    yield ids
    yield b","
    yield scores.probabilities
    yield b","
    yield truths(scores.promote)
    yield from among(_explanation(scores.explanations), scores.explained, len(ids), b"," * len(_EXPLANATION))
    yield b"\n"


def _explanation(given: Explanations) -> Iterator[Piece]:
    for field in csv_fields():
        for cell in field.cells(given):
            yield b","
            yield from cell

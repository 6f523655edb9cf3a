"""Explained scores as JSON: of one employee a record that msgspec writes; of many the same bytes, from columns."""

from collections.abc import Iterable, Iterator, Sequence

from msgspec.json import Encoder

from app.api.explanations import table
from app.api.explanations.explaining import ExplainedScores
from app.api.explanations.field import Record, encode, record_kind, record_text
from app.api.explanations.text_columns import Piece, truths
from app.api.explanations.text_rows import among, answer_of, rows_of
from app.insight.explainer import Explained
from app.registry.model_version import ModelVersion

Explanation = record_kind("Explanation", table.SENTENCE, table.FIELDS)
_of_one = [field.one for field in table.FIELDS]
_lines = Encoder().encode_lines


def explanation(one: Explained) -> Record:
    """The explanation of one score."""
    return Explanation(*[of(one) for of in _of_one])


def write_explained_rows(
    model: ModelVersion, ids: Sequence[str | None], scores: Iterable[tuple[slice, ExplainedScores]]
) -> memoryview:
    """The employees' scores, in order, with the explanations, null where there is none."""
    parts = [b'{"model_version":%d,"threshold":%b,"predictions":[' % (model.version, encode(model.threshold))]
    for rows, block in scores:
        parts += rows_of(_row(ids[rows], block), len(block.promote))
    parts[-1] = parts[-1].removesuffix(b",") + b"]}"
    return answer_of(parts)


def _row(ids: Sequence[str | None], scores: ExplainedScores) -> Iterator[Piece]:
    yield b'{"employee_id":'
    yield _lines(ids)[:-1].split(b"\n")  # no line ends within a JSON string
    yield b',"probability":'
    yield scores.probabilities
    yield b',"promote":'
    yield truths(scores.promote)
    yield b',"explanation":'
    yield from among(record_text(table.FIELDS, scores.explanations), scores.explained, len(ids), b"null")
    yield b"},"

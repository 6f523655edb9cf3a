"""Explained scores of many employees as JSON: the bytes that json_answer.py writes for each of them, from columns."""

from collections.abc import Iterable, Sequence

import numpy as np
from msgspec.json import Encoder

from app.api.explanations.columns import change_parts, change_words, reason_columns, warnings_column
from app.api.explanations.explaining import ExplainedScores
from app.api.explanations.json_of_one import background_of, outside_of
from app.api.explanations.text_columns import (
    Column,
    answer_of,
    framed,
    numbers,
    picked,
    repeated,
    repeated_in_parts,
    rows_of,
    spread,
)
from app.inputs import NAMES as INPUTS
from app.insight.changes.changes import Changes
from app.insight.contributions.reasons import Reason
from app.insight.explainer import Explainer
from app.network.parameters import Array
from app.registry.model_version import ModelVersion

_encoder = Encoder()
_encode = _encoder.encode
_OPENING = b'{"employee_id":'
_NEXT = b"}," + _OPENING
_SCORES = [
    b',"promote":false,"explanation":null',
    b',"promote":true,"explanation":null',
    b',"promote":false,"explanation":',
    b',"promote":true,"explanation":',
]


def write_explained_rows(
    model: ModelVersion, ids: Sequence[str | None], scores: Iterable[tuple[slice, ExplainedScores]]
) -> memoryview:
    """The employees' scores, in order, with the explanations, null where there is none."""
    head = b'{"model_version":%d,"threshold":%b,"predictions":[' % (model.version, _encode(model.threshold))
    if not ids:
        return memoryview(head + b"]}")
    parts = [head + _OPENING]
    for rows, block in scores:
        parts += rows_of([*_columns(ids[rows], block), _NEXT], len(block.inputs))
    parts[-1] = parts[-1].removesuffix(_NEXT) + b"}]}"
    return answer_of(parts)


def _columns(ids: Sequence[str | None], scores: ExplainedScores) -> list[Column]:
    n = len(ids)
    explained = np.zeros(n, dtype=np.intp)
    explained[scores.explained] = 1
    columns: list[Column] = [
        _encoder.encode_lines(ids)[:-1].split(b"\n"),  # no line ends within a JSON string
        b',"probability":',
        numbers(scores.probabilities),
        picked(_SCORES, 2 * explained + scores.promote),
    ]
    if len(scores.explained) == n:
        columns += _explanation(scores)
    elif len(scores.explained):
        columns += [spread(column, scores.explained, n) for column in _explanation(scores)]
    return columns


def _explanation(scores: ExplainedScores) -> list[Column]:
    explainer, inputs, given = scores.explainer, scores.inputs[scores.explained], scores.explanations
    bases = _encode({"base_logit": explainer.base_logit, "base_probability": explainer.base_probability})
    background = b',"background":' + _encode(background_of(explainer))
    reachable = given.changes.highest_reachable_probability
    interval = b',"interval":{"level":%b,"low":' % _encode(explainer.question.level)
    return [
        repeated(given.residual, framed(bases[:-1] + b',"residual":', background + b',"contributions":[')),
        *_contributions(inputs, given.logit, given.probability),
        *reason_columns(given.probability, explainer.question.background, _reason),
        *(column for rank in range(3) for column in _change(inputs, given.changes, rank)),
        repeated(reachable, framed(b'],"highest_reachable_probability":', interval)),
        numbers(given.low),
        b',"high":',
        numbers(given.high),
        warnings_column(given, lambda outside, warnings: _ending(explainer, outside, warnings)),
    ]


def _contributions(inputs: Array, logit: Array, probability: Array) -> list[Column]:
    columns: list[Column] = []
    for i, name in enumerate(INPUTS):
        opening = b'%b{"input":"%b","value":' % (b"}," if i else b"", name.encode())
        columns += [repeated(inputs[:, i], framed(opening, b',"logit":')), numbers(logit[:, i])]
        columns += [b',"probability":', numbers(probability[:, i])]
    return columns


def _reason(place: int, reason: Reason | None) -> bytes:
    before = b"," if place else b'}],"reasons":['
    after = b'],"changes":[' if place == len(INPUTS) - 1 else b""
    return (before + _encode(reason) if reason else before * (place == 0)) + after


def _change(inputs: Array, changes: Changes, rank: int) -> list[Column]:
    """The columns of the nearest change, of the next, ...; none where nobody has so many."""
    parts = change_parts(changes, rank)
    if not parts:
        return []
    n, opening = len(inputs), b',{"inputs":{' if rank else b'{"inputs":{'
    values = [
        repeated_in_parts(
            n,
            [
                (rows, kind.values[place][rows], framed(b'%b"%b":' % (comma, INPUTS[kind.inputs[place]].encode())))
                for rows, kind in parts
                if place < len(kind.inputs)
            ],
        )
        for place, comma in enumerate((opening, b","))
    ]
    probability, distance = framed(b'},"probability":'), framed(b',"distance":', b',"text":"')
    return [
        *values,
        repeated_in_parts(n, [(rows, kind.probability[rows], probability) for rows, kind in parts]),
        repeated_in_parts(n, [(rows, kind.distance[rows], distance) for rows, kind in parts]),
        *change_words(parts, inputs, b"", b'"}'),
    ]


def _ending(explainer: Explainer, outside: list[int], warnings: tuple[str, ...]) -> bytes:
    said = {
        "outside_training_data": [outside_of(explainer, i) for i in outside],
        "warnings": warnings,
        "refer_to_person": bool(warnings),
    }
    return b"}," + _encode(said)[1:]

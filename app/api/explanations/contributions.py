"""Contributions: by how much each input raised or lowered a score."""

from collections.abc import Iterator

import numpy as np

from app.api.explanations.field import Field, Record, Tensor
from app.api.explanations.text_columns import Piece, repeated
from app.inputs import NAMES
from app.insight.explainer import Explained, Explanations

_SCALES = "logit", "probability"


class Contribution(Record):
    """The Shapley value of an input, in logits and in probability, and the employee's own value of it."""

    input: str
    value: float
    logit: float
    probability: float


def _one(given: Explained) -> list[Contribution]:
    return list(map(Contribution, NAMES, given.inputs, given.logit, given.probability))


def _many(given: Explanations) -> Iterator[Piece]:
    before = b"["
    for i, name in enumerate(NAMES):
        yield before + b'{"input":"%b","value":' % name.encode()
        yield repeated(given.inputs[:, i])
        yield b',"logit":'
        yield given.logit[:, i]
        yield b',"probability":'
        yield given.probability[:, i]
        before = b"},"
    yield b"}]"


def _cells(given: Explanations) -> list[list[Piece]]:
    return [[getattr(given, scale)[:, i]] for i in range(len(NAMES)) for scale in _SCALES]


def _tensor(scale: str) -> Tensor:
    return Tensor(
        f"contributions_{scale}", "FP64", lambda given: np.ascontiguousarray(getattr(given, scale)), each_input=True
    )


CONTRIBUTIONS = Field(
    "contributions",
    list[Contribution],
    _one,
    _many,
    tuple(f"{name}.{scale}" for name in NAMES for scale in _SCALES),
    _cells,
    tuple(map(_tensor, _SCALES)),
)

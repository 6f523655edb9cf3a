"""Warnings: why a person should look at a score, and which inputs the training did not see."""

from collections.abc import Callable, Iterable
from functools import lru_cache
from operator import attrgetter
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from app.api.explanations.field import Field, Record, Tensor, encode
from app.api.explanations.text_columns import Piece, repeated
from app.inputs import NAMES
from app.insight.explainer import Explained, Explainer, Explanations

WARNINGS = {
    "outside_training_data": "unfamiliar",
    "interval_crosses_threshold": "crosses",
    "few_similar_cases": "few",
}
"""The codes, and what of an explanation each is about."""

_holding = attrgetter(*WARNINGS.values())


class Outside(Record):
    """An input beyond the range that the training saw, and that range; null for a combination of inputs, each within
    its range, that lies farther out than every training record.
    """

    input: str | None
    low: float | None
    high: float | None


def _outside(explainer: Explainer, flags: Iterable[bool]) -> list[Outside]:
    """Flags (d+1,)."""
    return [_beyond(explainer, i) for i, holds in enumerate(flags) if holds]


def _beyond(explainer: Explainer, i: int) -> Outside:
    """Input i; the combination where i is the number of inputs."""
    if i == len(NAMES):
        return Outside(None, None, None)
    low, high = explainer.familiarity.ranges[i].tolist()
    return Outside(NAMES[i], low, high)


@lru_cache
def _codes(holding: tuple[bool, ...]) -> tuple[str, ...]:
    return tuple(code for code, holds in zip(WARNINGS, holding, strict=True) if holds)


def _one_outside(given: Explained) -> list[Outside]:
    return _outside(given.explainer, given.outside) if given.unfamiliar else []


def _combinations(flags: NDArray[np.bool_], write: Callable[[list[bool]], bytes]) -> Piece:
    """What `write` makes of the flags (n, k) of each row."""
    k = flags.shape[1]

    def texts(distinct: NDArray[Any]) -> list[bytes]:
        return [write([bool(code >> i & 1) for i in range(k)]) for code in distinct.tolist()]

    return repeated(flags @ (1 << np.arange(k)), texts)


def _holding_of_many(given: Explanations) -> NDArray[np.bool_]:
    return np.column_stack(_holding(given))


OUTSIDE = Field(
    "outside_training_data",
    list[Outside],
    _one_outside,
    lambda given: [_combinations(given.outside, lambda flags: encode(_outside(given.explainer, flags)))],
)
HOLDING = Field(
    "warnings",
    list[Literal[tuple(WARNINGS)]],  # type: ignore[misc]
    lambda given: _codes(_holding(given)),
    lambda given: [_combinations(_holding_of_many(given), lambda flags: encode(_codes(tuple(flags))))],
    ("warnings",),
    lambda given: [[_combinations(_holding_of_many(given), lambda flags: ";".join(_codes(tuple(flags))).encode())]],
    tuple(Tensor(code, "BOOL", attrgetter(of)) for code, of in WARNINGS.items()),
)

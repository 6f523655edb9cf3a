"""Warnings: why a person should look at a score, and which inputs the training did not see."""

from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from operator import attrgetter
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from app.api.explanations.field import Field, Record, Tensor, encode
from app.api.explanations.text_columns import Piece, counted
from app.inputs import NAMES
from app.insight.explainer import Explained, Explainer

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
    return _outside(given.explainer, given.outside) if True in given.outside else []


def _combinations(flags: Sequence[NDArray[np.bool_]], write: Callable[[tuple[bool, ...]], bytes]) -> Piece:
    """What `write` makes of the flags, k columns (n,), in each row."""
    codes = np.zeros(len(flags[0]), dtype=np.intp)
    for i, holds in enumerate(flags):
        codes += holds.astype(np.intp) << i

    def texts(distinct: NDArray[Any]) -> list[bytes]:
        return [write(tuple(bool(code >> i & 1) for i in range(len(flags)))) for code in distinct.tolist()]

    return counted(codes, texts)


OUTSIDE = Field(
    "outside_training_data",
    list[Outside],
    _one_outside,
    lambda given: [_combinations(list(given.outside.T), lambda flags: encode(_outside(given.explainer, flags)))],
)
HOLDING = Field(
    "warnings",
    list[Literal[tuple(WARNINGS)]],  # type: ignore[misc]
    lambda given: _codes(_holding(given)),
    lambda given: [_combinations(_holding(given), lambda holding: encode(_codes(holding)))],
    ("warnings",),
    lambda given: [[_combinations(_holding(given), lambda holding: ";".join(_codes(holding)).encode())]],
    tuple(Tensor(code, "BOOL", attrgetter(of)) for code, of in WARNINGS.items()),
)

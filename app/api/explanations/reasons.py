"""A contribution in plain words: which input raised or lowered this score, and by how much in probability.

What is said is about the model's arithmetic at this employee's own point, never about what would happen: no sentence
says that anything causes, leads to or would bring about a promotion.
"""

from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.api.explanations.field import Field, Record, encode
from app.api.explanations.text_columns import Picked, Piece, counted
from app.inputs import NAMES
from app.insight.explainer import Explained, Explanations

MOST = 4
"""Reasons that one explanation gives, as the notices that US credit law asks for: 12 CFR 1002.9, comment 9(b)(2)-1."""

_COMPARED_WITH = {
    "training": "the training data",
    "just_above_threshold": "those the model only just promotes",
}
_TENTHS = 1 << 12
"""More than the tenths of a percentage point that an input can contribute."""


class Reason(Record):
    """A contribution in plain words; `code` never changes."""

    code: str
    text: str


def reasons(inputs: Sequence[str], contributions: Sequence[float], background: str) -> list[Reason]:
    """The inputs that weigh most, heaviest first; contributions (d,) to the probability, in its units.

    Of equal ones the first input goes first; what contributes nothing at all is no reason.
    """
    ascending = sorted([(-abs(contribution), i) for i, contribution in enumerate(contributions)])
    return [
        reason(inputs[i], contributions[i] > 0, round(weight * -1000), background)
        for weight, i in ascending[:MOST]
        if weight
    ]


@lru_cache(2048)
def reason(name: str, raised: bool, tenths: int, background: str) -> Reason:
    """The reason of a contribution of so many tenths of a percentage point. Kept: two inputs have some thousand."""
    verb = "raised" if raised else "lowered"
    points = f"by {tenths / 10:.1f} percentage points" if tenths else "by less than 0.1 percentage points"
    what = name.replace("_", " ").capitalize()
    return Reason(f"{name}_{verb}", f"{what} {verb} this score {points}, compared with {_COMPARED_WITH[background]}.")


def _one(given: Explained) -> list[Reason]:
    return reasons(NAMES, given.probability, given.explainer.question.background)


def _many(given: Explanations) -> Iterator[Piece]:
    yield b"["
    yield from _places(given, _json)
    yield b"]"


def _cells(given: Explanations) -> list[list[Piece]]:
    return [[column] for column in _places(given, _cell)]


_Write = Callable[[int, Reason], bytes]


def _json(place: int, said: Reason) -> bytes:
    return (b"," if place else b"") + encode(said)


def _cell(_: int, said: Reason) -> bytes:
    return b'"%b"' % said.text.encode()  # the sentences have commas, and no quotes


def _places(given: Explanations, write: _Write) -> Iterator[Picked]:
    """The heaviest reasons, then the next ones, as in `reasons`; nothing where there are no more."""
    background = given.explainer.question.background
    order = np.argsort(-np.abs(given.probability), axis=1, kind="stable")
    for place, which in enumerate(order.T[:MOST]):

        def texts(distinct: NDArray[Any], place: int = place) -> list[bytes]:
            return [_written(write, place, code, background) for code in distinct.tolist()]

        contribution = given.probability[np.arange(len(which)), which]
        tenths = np.rint(np.abs(contribution) * 1000).astype(np.intp)
        codes = (2 * which + (contribution > 0)) * _TENTHS + tenths + 1
        yield counted(np.where(contribution == 0, 0, codes), texts)


@lru_cache(4096)
def _written(write: _Write, place: int, code: int, background: str) -> bytes:
    if code == 0:
        return b""
    which, tenths = divmod(code - 1, _TENTHS)
    return write(place, reason(NAMES[which // 2], bool(which % 2), tenths, background))


REASONS = Field(
    "reasons",
    list[Reason],
    _one,
    _many,
    tuple(f"reason_{place + 1}" for place in range(min(MOST, len(NAMES)))),
    _cells,
)

"""Changes: with what values of the inputs the decision would have been the other one, also in words."""

from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache

import numpy as np

from app.api.explanations.field import Field, Record, Tensor, encode
from app.api.explanations.text_columns import Picked, Piece, Texts, numbers, repeated_in_parts
from app.inputs import INPUTS, NAMES
from app.insight.changes.changes import Change as Turned
from app.insight.changes.changes import ChangeColumns
from app.insight.explainer import Explained, Explanations
from app.network.parameters import Array

_BY = ["{by}" in each.change for each in INPUTS]


class Change(Record):
    """New values of one or more inputs with which the decision would have been the other one, the probability there,
    and how far that is, in standard deviations of the training data.
    """

    inputs: dict[str, float]
    probability: float
    distance: float
    text: str


@lru_cache(2048)
def _words(i: int, value: float) -> str:
    """A change of input i, in words: by a difference, to ten decimals as the values are, or to a value."""
    if not _BY[i]:
        return INPUTS[i].change.format(to=f"{value:.10g}")
    by = round(value, 10)
    words = INPUTS[i].change_by_1 if by == 1 else None
    return (words or INPUTS[i].change).format(by=f"{by:.10g}")


def _one(given: Explained) -> list[Change]:
    return [change(given.inputs, turned) for turned in given.changes]


def change(x: list[float], turned: Turned) -> Change:
    """One change of an employee with the inputs x (d,), as it is said to the employee."""
    inputs, words = {}, []
    for i, value in enumerate(turned.values):
        if value is not None:
            inputs[NAMES[i]] = value
            words.append(_words(i, value - x[i] if _BY[i] else value))
    return Change(inputs, turned.probability, turned.distance, " and ".join(words))


_Values = tuple[Array, Texts]
"""Of one kind of change: values (n,), and the text of each."""


class _Ranked:
    """The nearest changes of many, of rank 0, or the next nearest ones, of rank 1, 2, …; nothing where there are no
    more. `parts` has the kinds of change that occur, each with the rows where it does.
    """

    def __init__(self, given: Explanations, rank: int) -> None:
        changes = given.changes
        rows = [np.flatnonzero(changes.ranked[rank] == k) for k in range(len(changes.kinds))]
        self.parts = [(some, kind) for some, kind in zip(rows, changes.kinds, strict=True) if len(some)]
        self.most = max((len(kind.inputs) for _, kind in self.parts), default=0)
        self._inputs = given.inputs

    def column(self, of: Callable[[ChangeColumns], _Values | None]) -> Picked:
        """What `of` makes of each kind; nothing where it makes nothing."""
        made = [(rows, of(kind)) for rows, kind in self.parts]
        return repeated_in_parts(
            len(self._inputs), [(rows, values[0][rows], values[1]) for rows, values in made if values]
        )

    def value_of(self, i: int) -> Picked:
        """The new values of input i."""
        return self.column(lambda kind: (kind.values[kind.inputs.index(i)], numbers) if i in kind.inputs else None)

    def member(self, place: int, before: bytes) -> Picked:
        """The first input that changes or the second one, and its new value, as a member of a JSON object."""

        def of(kind: ChangeColumns) -> _Values | None:
            if place >= len(kind.inputs):
                return None
            return kind.values[place], _behind(before + encode(NAMES[kind.inputs[place]]) + b":")

        return self.column(of)

    def words(self, place: int, before: bytes = b"", after: bytes = b"") -> Picked:
        """The first input that changes or the second one, in words; `before` all and `after` all of them."""

        def of(kind: ChangeColumns) -> _Values | None:
            if place >= len(kind.inputs):
                return None
            i, values = kind.inputs[place], kind.values[place]
            start, end = b" and " if place else before, b"" if kind.inputs[place + 1 :] else after
            return values - self._inputs[:, i] if _BY[i] else values, _texts(i, start, end)

        return self.column(of)


def _texts(i: int, before: bytes, after: bytes) -> Texts:
    return lambda distinct: [before + _words(i, value).encode() + after for value in distinct.tolist()]


def _behind(before: bytes) -> Texts:
    """Numbers, each behind the same text."""
    return lambda distinct: [before + text for text in numbers(distinct)]


def _many(given: Explanations) -> Iterator[Piece]:
    yield b"["
    opening = b'{"inputs":{'
    for rank in range(len(given.changes.ranked)):
        ranked = _Ranked(given, rank)
        for place in range(ranked.most):
            yield ranked.member(place, b"," if place else opening)
        yield ranked.column(lambda kind: (kind.probability, _behind(b'},"probability":')))
        yield ranked.column(lambda kind: (kind.distance, _behind(b',"distance":')))
        for place in range(ranked.most):
            yield ranked.words(place, b',"text":"', b'"}')
        opening = b',{"inputs":{'
    yield b"]"


def _cells(given: Explanations) -> Sequence[Sequence[Piece]]:
    nearest = _Ranked(given, 0)
    return [
        [nearest.words(place) for place in range(nearest.most)],
        *([nearest.value_of(i)] for i in range(len(INPUTS))),
        [nearest.column(lambda kind: (kind.probability, numbers))],
        [nearest.column(lambda kind: (kind.distance, numbers))],
    ]


def _nearest(given: Explanations) -> Array:
    """The inputs after the nearest change; where there is none, as they are."""
    points = given.inputs.copy(order="C")
    for k, kind in enumerate(given.changes.kinds):
        rows = given.changes.ranked[0] == k
        for i, values in zip(kind.inputs, kind.values, strict=True):
            points[rows, i] = values[rows]
    return points


CHANGES = Field(
    "changes",
    list[Change],
    _one,
    _many,
    ("change", *(f"change.{name}" for name in NAMES), "change.probability", "change.distance"),
    _cells,
    (
        Tensor("nearest_change", "FP64", _nearest, each_input=True),
        Tensor("nearest_change_found", "BOOL", lambda given: given.changes.any),
    ),
)

"""What JSON and CSV both say of explanations, as columns of text: reasons, changes in words, warnings."""

from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.api.explanations.json_of_one import warnings_of
from app.api.explanations.text_columns import Texts, repeated, repeated_in_parts
from app.inputs import NAMES as INPUTS
from app.insight.changes.changes import ChangeColumns, Changes
from app.insight.contributions.reasons import MOST, Reason, change_in_words, reason
from app.insight.explainer import Explanations
from app.network.parameters import Array

_TENTHS = 1 << 12
"""More than the tenths of a percentage point that an input can contribute."""


def reason_columns(
    contributions: Array, background: str, write: Callable[[int, Reason | None], bytes]
) -> Iterator[list[bytes]]:
    """The reasons of contributions (n, d), heaviest first as in `reasons`: what `write` makes of the place and of the
    reason there, None where there is none.
    """
    order = np.argsort(-np.abs(contributions), axis=1, kind="stable")
    for place, which in enumerate(order.T[:MOST]):

        def texts(distinct: NDArray[Any], place: int = place) -> list[bytes]:
            return [_written(write, place, code, background) for code in distinct.tolist()]

        contribution = contributions[np.arange(len(which)), which]
        tenths = np.rint(np.abs(contribution) * 1000).astype(np.int64)
        codes = (2 * which + (contribution > 0)) * _TENTHS + tenths
        yield repeated(np.where(contribution == 0, -1, codes), texts)


@lru_cache(4096)
def _written(write: Callable[[int, Reason | None], bytes], place: int, code: int, background: str) -> bytes:
    if code < 0:
        return write(place, None)
    which, tenths = divmod(code, _TENTHS)
    return write(place, reason(INPUTS[which // 2], bool(which % 2), tenths, background))


Parts = list[tuple[NDArray[np.intp], ChangeColumns]]
"""The kinds that a change has, each with the rows where it has that one."""


def change_parts(changes: Changes, rank: int) -> Parts:
    """The nearest changes of rank 0, the next nearest of rank 1 or 2."""
    rows = [np.flatnonzero(changes.ranked[rank] == k) for k in range(len(changes.kinds))]
    return [(some, kind) for some, kind in zip(rows, changes.kinds, strict=True) if len(some)]


def change_words(parts: Parts, inputs: Array, before: bytes, after: bytes) -> list[list[bytes]]:
    """The changes in words, a column for the first input that changes and one for the next."""
    columns = []
    for place in range(max(len(kind.inputs) for _, kind in parts)):
        named = []
        for rows, kind in parts:
            if place < len(kind.inputs):
                i, values = kind.inputs[place], kind.values[place][rows]
                start, end = b" and " if place else before, b"" if kind.inputs[place + 1 :] else after
                named.append((rows, values - inputs[rows, 0] if i == 0 else values, _words(i, start, end)))
        columns.append(repeated_in_parts(len(inputs), named))
    return columns


def _words(i: int, before: bytes, after: bytes) -> Texts:
    def texts(distinct: NDArray[Any]) -> list[bytes]:
        if i == 0:
            said = [change_in_words(round(value, 10), None) for value in distinct.tolist()]
        else:
            said = [change_in_words(None, value) for value in distinct.tolist()]
        return [before + words.encode() + after for words in said]

    return texts


def warnings_column(explanations: Explanations, write: Callable[[list[int], tuple[str, ...]], bytes]) -> list[bytes]:
    """What `write` makes of the places in `outside` that hold, and of the warnings' codes."""
    d = explanations.outside.shape[1]
    flags = np.column_stack([explanations.outside, explanations.crosses, explanations.few])

    def texts(distinct: NDArray[Any]) -> list[bytes]:
        written = []
        for code in distinct.tolist():
            outside = [i for i in range(d) if code >> i & 1]
            written.append(write(outside, warnings_of(bool(outside), bool(code >> d & 1), bool(code >> d + 1 & 1))))
        return written

    return repeated(flags @ (1 << np.arange(d + 2)), texts)

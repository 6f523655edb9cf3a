"""Labels as codes: any text a caller uses for sex, race or ethnicity, or pool."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from app.api.audit.natural_order import natural
from app.api.audit.schema import MOST_COUNT
from app.api.bodies.fields import LONGEST_ID
from app.impact.audit import People

MOST = {"sex": 10, "race_ethnicity": 50, "pool": 500}
UNKNOWN, TOO_LONG = -1, -2
MOST_CELLS = 2000
"""Categories of all intersectional tables together: each is compared, and bounded."""


class TooMany(Exception):
    """More labels or decisions than are compared; the message has no label."""


class _Codes(dict[str, int]):
    """What was written before, and its code. A million labels are looked up in a dictionary, without a call each."""

    def __init__(self, new: Callable[[str], int]) -> None:
        super().__init__()
        self._new = new

    def __missing__(self, written: str) -> int:
        code = self._new(written)
        if code != TOO_LONG:  # a column of nothing but faults needs no memory
            self[written] = code
        return code


class Labels:
    """The code of each label as it was written: in the order of their appearance, −1 for an empty one. Spaces around a
    label do not count.
    """

    def __init__(self, kind: str) -> None:
        self._kind = kind
        self._written = _Codes(self._new)
        self._distinct: dict[str, int] = {}

    def __len__(self) -> int:
        """How many different labels there are."""
        return len(self._distinct)

    def codes(self, column: Sequence[str]) -> NDArray[np.intp]:
        """The codes (n,) of a column. Raises TooMany."""
        return np.array([self._written[written] for written in column], dtype=np.intp)

    def _new(self, written: str) -> int:
        """The code of what was not written before."""
        label = written.strip()
        if not label:
            return UNKNOWN
        if len(label) > LONGEST_ID:
            return TOO_LONG
        code = self._distinct.setdefault(label, len(self._distinct))
        if len(self._distinct) > (most := MOST[self._kind]):
            raise TooMany(f"{self._kind} has more than {most} different labels; at most {most} are compared")
        return code

    def in_order(self, codes: NDArray[np.intp]) -> tuple[tuple[str, ...], NDArray[np.intp]]:
        """The labels in natural order, and codes (n,) into them."""
        labels = sorted(self._distinct, key=natural)
        new = np.empty(len(labels) + 1, dtype=np.intp)
        new[-1] = UNKNOWN
        new[[self._distinct[label] for label in labels]] = np.arange(len(labels))
        return tuple(labels), new[codes]


def people_of(labels: Sequence[Labels], codes: Sequence[NDArray[np.intp]], counts: NDArray[np.int64]) -> People:
    """The people whose sex, race or ethnicity, and pool have these codes (n,), with the labels in natural order.
    Raises TooMany.
    """
    if counts.sum() > MOST_COUNT:
        raise TooMany(f"There are more than {MOST_COUNT} decisions")
    sexes, races, pools = (len(of) for of in labels)
    if (cells := sexes * races * (1 + pools)) > MOST_CELLS:
        raise TooMany(f"sex, race_ethnicity and pool have {cells} combinations; at most {MOST_CELLS} are compared")
    (sex_labels, sex), (race_labels, race), (pool_labels, pool) = (
        of.in_order(code) for of, code in zip(labels, codes, strict=True)
    )
    return People(sex_labels, race_labels, pool_labels or None, sex, race, pool, counts)

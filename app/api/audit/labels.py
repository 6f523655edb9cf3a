"""Labels as codes: any text a caller uses for sex, race or ethnicity, or pool."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from app.api.bodies.records import LONGEST_ID

MOST = {"sex": 10, "race_ethnicity": 50, "pool": 500}
UNKNOWN, TOO_LONG = -1, -2


class TooMany(Exception):
    """More labels or decisions than are compared; the message has no label."""


class Labels(dict[str, int]):
    """The code of each label as it was written: in the order of their appearance, −1 for an empty one. Spaces around a
    label do not count.
    """

    def __init__(self, kind: str) -> None:
        super().__init__()
        self._kind = kind
        self._distinct: dict[str, int] = {}

    def __len__(self) -> int:
        """How many different labels there are."""
        return len(self._distinct)

    def __missing__(self, written: str) -> int:
        label = written.strip()
        if not label:
            code = UNKNOWN
        elif len(label) > LONGEST_ID:
            return TOO_LONG
        else:
            code = self._distinct.setdefault(label, len(self._distinct))
            if len(self._distinct) > MOST[self._kind]:
                most = MOST[self._kind]
                raise TooMany(f"{self._kind} has more than {most} different labels; at most {most} are compared")
        self[written] = code
        return code

    def codes(self, column: Sequence[str]) -> NDArray[np.intp]:
        """The codes (n,) of a column."""
        return np.array([self[written] for written in column], dtype=np.intp)

    def in_order(self, codes: NDArray[np.intp]) -> tuple[tuple[str, ...], NDArray[np.intp]]:
        """The labels ascending, and codes (n,) into them."""
        labels = sorted(self._distinct)
        new = np.empty(len(labels) + 1, dtype=np.intp)
        new[-1] = UNKNOWN
        new[[self._distinct[label] for label in labels]] = np.arange(len(labels))
        return tuple(labels), new[codes]

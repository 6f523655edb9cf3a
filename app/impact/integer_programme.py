"""Whether whole numbers can meet linear conditions: HiGHS, by branch and cut (Q. Huangfu and J. A. J. Hall,
"Parallelizing the dual revised simplex method", Mathematical Programming Computation 10, 2018).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from highspy import Highs

    from app.impact.tally import Counts

Columns = NDArray[np.int32]
_MOST_BRANCHES = 500


class UndecidedError(Exception):
    """It would take too long to find out."""


class IntegerProgramme:
    """Whole numbers, and the conditions on them."""

    def __init__(self) -> None:
        from highspy import Highs  # noqa: PLC0415 - only an audit with such unknowns pays for it

        self._highs: Highs = Highs()  # type: ignore[no-untyped-call]
        self._columns = 0
        options = {"output_flag": False, "threads": 1, "mip_max_nodes": _MOST_BRANCHES}
        for name, value in options.items():
            self._highs.setOptionValue(name, value)

    def whole_numbers(self, how_many: int, most: int) -> Columns:
        """So many of them, each from 0 to the most."""
        columns = np.arange(self._columns, self._columns + how_many, dtype=np.int32)
        self._columns += how_many
        self._highs.addVars(how_many, np.zeros(how_many), np.full(how_many, float(most)))
        self._highs.changeColsIntegrality(how_many, columns, np.ones(how_many, np.uint8))
        return columns

    def between(self, least: float, most: float, *terms: tuple[Columns | list[int], Counts | int]) -> None:
        """A condition: the sum of the terms, numbers times coefficients, is between these."""
        columns = np.concatenate([np.asarray(of, np.int32) for of, _ in terms])
        values = np.concatenate([np.broadcast_to(np.asarray(by, float), len(of)) for of, by in terms])
        self._highs.addRow(least, most, len(columns), columns, values)

    def met(self) -> Counts | None:
        """Numbers that meet all conditions; None where there are none. Raises UndecidedError."""
        self._highs.run()
        status = self._highs.modelStatusToString(self._highs.getModelStatus())
        if status == "Infeasible":
            return None
        if status != "Optimal":
            raise UndecidedError(status)
        return np.rint(self._highs.getSolution().col_value).astype(np.int64)

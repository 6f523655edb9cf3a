"""Decisions as counts: everything that is said of them is computed from these.

Sources: New York City, Rules of the Department of Consumer and Worker Protection, 6 RCNY 5-300 and 5-301 (Local Law
144 of 2021); Uniform Guidelines on Employee Selection Procedures (UGESP), 29 CFR 1607.4D.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Counts = NDArray[np.int64]
Codes = NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class Tally:
    """How many decisions there are of each sex and each race or ethnicity, and how many of them selected somebody.

    sexes, races   the S and R labels, in natural order
    n, selected    (S+1, R+1); last along each axis are the unknown
    """

    sexes: tuple[str, ...]
    races: tuple[str, ...]
    n: Counts
    selected: Counts

    @property
    def labels(self) -> dict[str, list[str]]:
        """The categories of each table."""
        return {
            "sex": list(self.sexes),
            "race_ethnicity": list(self.races),
            "intersectional": [f"{sex}, {race}" for sex in self.sexes for race in self.races],
        }


def categories(counts: Counts) -> dict[str, Counts]:
    """Counts (S+1, R+1) of each table's categories, in the order of its labels."""
    return {
        "sex": counts[:-1].sum(axis=1),
        "race_ethnicity": counts[:, :-1].sum(axis=0),
        "intersectional": counts[:-1, :-1].ravel(),
    }


def tally(  # noqa: PLR0917 - two codes, their labels, and what happened
    sexes: tuple[str, ...], races: tuple[str, ...], sex: Codes, race: Codes, selected: NDArray[np.bool_], counts: Counts
) -> Tally:
    """Count records: codes (n,) into the labels, −1 for unknown; whether selected (n,); each counted so often (n,)."""
    shape = len(sexes) + 1, len(races) + 1
    cell = cells(sex, race, len(sexes), len(races))
    return Tally(
        sexes,
        races,
        summed(cell, counts, shape),
        summed(cell, counts * selected, shape),
    )


def cells(sex: Codes, race: Codes, sexes: int, races: int) -> NDArray[np.intp]:
    """The number of each record's cell (n,): sex by sex, the unknown of both last."""
    row: Codes = np.where(sex < 0, sexes, sex)
    return row * (races + 1) + np.where(race < 0, races, race)


def summed(cell: NDArray[np.intp], amounts: Counts, shape: tuple[int, ...]) -> Counts:
    """Whole amounts (n,) summed by cell, exactly: doubles hold whole numbers up to 2⁵³."""
    sums = np.bincount(cell, weights=amounts, minlength=int(np.prod(shape)))
    return sums.astype(np.int64).reshape(shape)

"""A table of categories: rates, impact ratios against the highest rate, and what may be said of each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from app.impact import verdicts
from app.impact.grid import Grid
from app.impact.tally import Tally
from app.impact.two_groups import BEYOND, BEYOND_TWO, Comparison, compare
from app.impact.unknowns import Bounds, bounds
from app.impact.verdicts import Verdict

MANY = "intersectional"
"""The table in which many comparisons are made at once: their p-values are corrected for it."""


@dataclass(frozen=True)
class Category:
    """A row of a table; in JSON as docs/audit.md names its fields."""

    category: str
    n: int
    selected: int
    rate: float | None
    impact_ratio: float | None = None
    reference: bool = False
    excluded: bool = False
    z: float | None = None
    z_beyond_1_96: bool | None = None
    z_beyond_2: bool | None = None
    fisher_p: float | None = None
    mid_p: float | None = None
    test: str | None = None
    p: float | None = None
    holm_p: float | None = None
    ratio_interval: tuple[float, float] | None = None
    shortfall: float | None = None
    one_person_flips: bool | None = None
    verdict: Verdict | None = None
    explanation: str = ""
    bounds: Bounds | None = None


def tables(tally: Tally, exclude_below: float) -> dict[str, list[Category]]:
    """The three tables of 6 RCNY 5-301: by sex, by race or ethnicity, and of both together.

    A category with a smaller share of all decisions than `exclude_below` is not compared.
    """
    fewest, labels = exclude_below * int(tally.n.sum()), tally.labels
    n, selected = tally.n, tally.selected
    grids = {
        "sex": Grid.of_one(n.sum(axis=1), selected.sum(axis=1)),
        "race_ethnicity": Grid.of_one(n.sum(axis=0), selected.sum(axis=0)),
        "intersectional": Grid.of_two(n, selected),
    }
    return {name: _table(labels[name], grid, fewest, many=name == MANY) for name, grid in grids.items()}


def reference_of(n: Sequence[int], selected: Sequence[int], compared: Sequence[int]) -> int | None:
    """Which of the compared categories has the highest rate, of equal ones the largest, of equally large ones the
    first; None where it is 0.
    """
    best = max(compared, key=lambda i: (selected[i] / n[i], n[i]), default=None)
    return None if best is None or not selected[best] else best


def _table(labels: Sequence[str], grid: Grid, fewest: float, many: bool = False) -> list[Category]:
    n, selected = grid.n.ravel().tolist(), grid.selected.ravel().tolist()
    rows = [
        Category(label, n[i], selected[i], selected[i] / n[i] if n[i] else None, excluded=0 < n[i] < fewest)
        for i, label in enumerate(labels)
    ]
    here = [i for i, row in enumerate(rows) if row.n and not row.excluded]
    best = reference_of(n, selected, here)
    if len(here) < 2 or best is None:
        return [_without_ratio(row, alone=len(here) < 2) for row in rows]
    first = [i for i in here if (n[i], selected[i]) == (n[best], selected[best])]  # no label makes one of them special
    found = {i: compare(selected[i], n[i], selected[best], n[best]) for i in here if i not in first}
    adjusted = holm({i: one.p for i, one in found.items()}) if many else {}
    may_hold = [not row.excluded and (row.n > 0 or fewest == 0) for row in rows]
    possible = bounds(grid, may_hold, here)
    told = list(rows)
    for i, one in found.items():
        told[i] = _compared(rows[i], one, labels[best], adjusted.get(i))
    for i in first:
        told[i] = replace(
            rows[i],
            impact_ratio=1.0,
            reference=True,
            shortfall=0.0,
            one_person_flips=False,
            explanation=verdicts.REFERENCE,
        )
    return [
        replace(row, bounds=possible[i]) if i in possible else _without_ratio(row, alone=False)
        for i, row in enumerate(told)
    ]


def _compared(row: Category, one: Comparison, reference: str, holm_p: float | None) -> Category:
    p = one.p if holm_p is None else holm_p
    verdict = verdicts.verdict_of(one, p)
    return replace(
        row,
        impact_ratio=one.ratio,
        z=one.z,
        z_beyond_1_96=one.z is not None and abs(one.z) > BEYOND,
        z_beyond_2=one.z is not None and abs(one.z) > BEYOND_TWO,
        fisher_p=one.fisher_p,
        mid_p=one.mid_p,
        test=one.test,
        p=one.p,
        holm_p=holm_p,
        ratio_interval=one.ratio_interval,
        shortfall=one.shortfall,
        one_person_flips=one.one_person_flips,
        verdict=verdict,
        explanation=verdicts.explanation(verdict, one, reference, p, holm_p is not None),
    )


def _without_ratio(row: Category, alone: bool) -> Category:
    if not row.n:
        return replace(row, explanation=verdicts.EMPTY)
    if row.excluded:
        return replace(row, explanation=verdicts.EXCLUDED)
    if alone:
        return replace(row, verdict="not_comparable", explanation=verdicts.NOT_COMPARABLE)
    return replace(row, verdict="no_selections", explanation=verdicts.NO_SELECTIONS)


def holm(p: Mapping[int, float | None]) -> dict[int, float]:
    """Adjusted p-values (S. Holm, "A simple sequentially rejective multiple test procedure", Scandinavian Journal of
    Statistics 6, 1979): the k-th smallest of m times m − k + 1, never below an earlier one, at most 1. Where there is
    no p, nothing was tested: it has no adjusted one, and does not count.
    """
    tested = sorted((value, i) for i, value in p.items() if value is not None)
    adjusted, least = {}, 0.0
    for k, (value, i) in enumerate(tested):
        least = max(least, min(1.0, (len(tested) - k) * value))
        adjusted[i] = least
    return adjusted

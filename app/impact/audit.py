"""The adverse-impact computation over records: their tables, their pools, and the view over all thresholds.

A computation, not a bias audit: Local Law 144 wants an independent auditor for that.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.impact.pooled import pooled
from app.impact.tables import reference_of, tables
from app.impact.tally import Codes, Counts, Tally, categories, cells, summed, tally
from app.impact.verdicts import gravest
from app.network.parameters import Array

STEPS = 100
"""The view over all thresholds has one at each hundredth, and the model's own."""


@dataclass(frozen=True, eq=False)
class People:
    """Whom the decisions were about.

    sexes, races, pools   the labels, in natural order; pools is None where no record names one
    sex, race, pool       (n,) codes into them, −1 for unknown
    counts                (n,) for how many like decisions a record stands
    """

    sexes: tuple[str, ...]
    races: tuple[str, ...]
    pools: tuple[str, ...] | None
    sex: Codes
    race: Codes
    pool: Codes
    counts: Counts

    def tally(self, selected: NDArray[np.bool_], which: NDArray[np.bool_] | slice = slice(None)) -> Tally:
        """Count some of them."""
        return tally(
            self.sexes, self.races, self.sex[which], self.race[which], selected[which], self.counts[which]
        )  # fmt: skip


def audit(people: People, selected: NDArray[np.bool_], exclude_below: float) -> dict[str, Any]:
    """Tables, verdict, pools: the answer of POST /audit but for how it was selected."""
    whole = people.tally(selected)
    found: dict[str, Any] = {
        "rows": int(people.counts.sum()),
        "unknown": {
            "sex": int(whole.n[-1].sum()),
            "race_ethnicity": int(whole.n[:, -1].sum()),
            "either": int(whole.n[-1].sum() + whole.n[:-1, -1].sum()),
        },
        "tables": tables(whole, exclude_below),
    }
    verdicts = [row.verdict for table in found["tables"].values() for row in table]
    if people.pools is not None:
        found["unknown"]["pool"] = int(people.counts[people.pool < 0].sum())
        pools = [people.tally(selected, people.pool == k) for k in range(len(people.pools))]
        found["pools"] = [
            {"pool": label, "rows": int(pool.n.sum()), "tables": tables(pool, exclude_below)}
            for label, pool in zip(people.pools, pools, strict=True)
        ]
        found["pooled"] = pooled(pools, exclude_below)
        verdicts += [row.verdict for table in found["pooled"].values() for row in table]
    found["verdict"] = gravest(verdicts)
    return found


def median(scores: Array, counts: Counts) -> float:
    """The median of all scores (n,), n ≥ 1, each as often as it counts: unknowns included, as 6 RCNY 5-300 has it."""
    order = np.argsort(scores, kind="stable")
    so_far = np.cumsum(counts[order])
    total = int(so_far[-1])
    low, high = scores[order[np.searchsorted(so_far, [(total + 1) // 2, total // 2 + 1])]].tolist()
    return float(low + 0.5 * (high - low))


def over_thresholds(people: People, probability: Array, current: float) -> list[dict[str, Any]]:
    """Rates and impact ratios of every category, were this or that probability the threshold; `current` is marked."""
    at = np.unique([*(np.arange(STEPS + 1) / STEPS), current])
    S, R = len(people.sexes), len(people.races)
    reached = np.searchsorted(at, probability, side="right")  # so many thresholds are reached
    shape = len(at) + 1, S + 1, R + 1
    cell = reached * ((S + 1) * (R + 1)) + cells(people.sex, people.race, S, R)
    counts = summed(cell, people.counts, shape)
    whole = people.tally(np.zeros(len(probability), np.bool_))
    n, labels = categories(whole.n), whole.labels
    selected = counts[::-1].cumsum(axis=0)[::-1][1:]  # (thresholds, S+1, R+1)
    return [
        {"threshold": float(threshold), "current": bool(threshold == current)}
        | {name: _rates(labels[name], n[name], of) for name, of in categories(selected[i]).items()}
        for i, threshold in enumerate(at)
    ]


def _rates(labels: list[str], n: Counts, selected: Counts) -> list[dict[str, Any]]:
    sizes, chosen = n.tolist(), selected.tolist()
    best = reference_of(sizes, chosen, [i for i, size in enumerate(sizes) if size])
    return [
        {
            "category": label,
            "rate": chosen[i] / sizes[i] if sizes[i] else None,
            "impact_ratio": None
            if best is None or not sizes[i]
            else (chosen[i] * sizes[best]) / (sizes[i] * chosen[best]),
        }
        for i, label in enumerate(labels)
    ]

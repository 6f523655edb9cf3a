"""A subsample with weights, on which starts are cheap to try."""

from __future__ import annotations

import numpy as np

from app.network.rows import Rows


def sample(rows: Rows, size: int, rng: np.random.Generator) -> Rows:
    """About size rows, half of them with somebody promoted, whose weighted sums estimate those of all.

    Where one in a hundred is promoted a plain sample would hold a few dozen of them, and they decide where
    the minimum is; here each half is drawn from its own rows and counts for all of them.
    """
    which, weight = [], []
    for stratum in (np.flatnonzero(rows.promoted > 0), np.flatnonzero(rows.promoted == 0)):
        drawn = stratum
        if len(stratum) > size // 2:
            drawn = stratum[np.sort(rng.choice(len(stratum), size // 2, replace=False, shuffle=False))]
        if len(drawn):
            which.append(drawn)
            weight.append(np.full(len(drawn), rows.counts[stratum].sum() / rows.counts[drawn].sum()))
    chosen, weights = rows.part(np.concatenate(which)), np.concatenate(weight)
    return Rows(chosen.X, chosen.counts * weights, chosen.promoted * weights)

"""The verdict on a training's data: is there a signal in them that the network can use?

    none_found   p > 0.05
    strong       p ≤ 0.01, and the network removes at least a twentieth of the base rate's log loss
    weak         everything between

p is that of permutation.py. It says whether there is a signal, not how much of one: with a million rows the least
trace of one has a p of 0.001. So "strong" asks for an effect as well:

    explained = 1 − (loss + P/n)/H,   H = −ȳ ln ȳ − (1 − ȳ) ln(1 − ȳ)

the share of the base rate's log loss H that the network's takes away (McFadden's R², 1974), with Akaike's correction
(1974) for what P weights gain on the n rows that they were fitted to. A twentieth is what an area under the ROC curve
of about .65 comes to when promoted and not promoted are equally many.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

from app.insight.report.permutation import PERMUTATIONS, p_value
from app.network.objective import Objective
from app.p_values import written

_LEVEL, _STRONG_LEVEL = 0.05, 0.01
_STRONG_EXPLAINED = 0.05

_DECIMALS = 3
"""Of p, which is a whole number of thousandths."""


def signal(objective: Objective, loss: float) -> Generator[float, None, dict[str, Any]]:
    """The section "signal" of a training that ended with that loss (mean cross-entropy); yields the share done."""
    p = yield from p_value(objective)
    base = objective.base_rate_loss()
    explained = 1.0 - (loss + objective.layout.size / objective.n) / base
    verdict = _verdict(p, explained)
    return {
        "verdict": verdict,
        "p_value": p,
        "permutations": PERMUTATIONS,
        "rows": int(objective.n),
        "explained": explained,
        "statement": _statement(verdict, p, int(objective.n), explained),
    }


def _verdict(p: float, explained: float) -> str:
    if p > _LEVEL:
        return "none_found"
    return "strong" if p <= _STRONG_LEVEL and explained >= _STRONG_EXPLAINED else "weak"


def _chance(rows: int, how: str, p: float) -> str:
    return f"Shuffled at random among the same {rows:,} rows, decisions {how} (p {written(p, _DECIMALS)})."


def _statement(verdict: str, p: float, rows: int, explained: float) -> str:
    """The verdict in words."""
    if verdict == "none_found":
        how = f"let the network learn as much as the real ones or more in {p:.0%} of the shuffles"
        return (
            f"No signal was found. {_chance(rows, how, p)} The scores of this model should not be "
            "used: they may be chance alone. That is no proof that the inputs do not matter; a weak signal can go "
            "unseen in so many rows."
        )
    how = "almost never let the network learn as much as the real ones"
    found = _chance(rows, how, p)
    share = (
        f"The network takes away about {explained:.0%} of the log loss of the base rate."
        if explained >= 0.005
        else "Beyond what chance gains on the rows it was trained on, the network takes away next to nothing of the "
        "log loss of the base rate."
    )
    if verdict == "strong":
        return f"There is a signal. {found} {share}"
    return f"There is a weak signal. {found} {share} Single scores say little."

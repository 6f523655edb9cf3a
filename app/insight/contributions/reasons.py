"""A contribution in plain words: which input raised or lowered this score, and by how much in probability.

What is said is about the model's arithmetic at this employee's own point, never about what would happen: no sentence
says that anything causes, leads to or would bring about a promotion.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

MOST = 4
"""Reasons that one explanation gives, as the notices that US credit law asks for: 12 CFR 1002.9, comment 9(b)(2)-1."""

_COMPARED_WITH = {
    "training": "the training data",
    "just_above_threshold": "those the model only just promotes",
}


@dataclass(frozen=True)
class Reason:
    """A stable code, `<input>_raised` or `<input>_lowered`, and its sentence."""

    code: str
    text: str


def reasons(inputs: Sequence[str], contributions: Sequence[float], background: str) -> list[Reason]:
    """The inputs that weigh most, heaviest first; contributions (d,) to the probability, in its units.

    Of equal ones the first input goes first; what contributes nothing at all is no reason.
    """
    order = sorted(range(len(inputs)), key=lambda i: -abs(contributions[i]))
    return [
        reason(inputs[i], contributions[i] > 0, round(abs(contributions[i]) * 1000), background)
        for i in order[:MOST]
        if contributions[i]
    ]


@lru_cache(2048)
def reason(name: str, raised: bool, tenths: int, background: str) -> Reason:
    """The reason of a contribution of so many tenths of a percentage point. Kept: two inputs have some thousand."""
    verb = "raised" if raised else "lowered"
    points = f"by {tenths / 10:.1f} percentage points" if tenths else "by less than 0.1 percentage points"
    what = name.replace("_", " ").capitalize()
    return Reason(f"{name}_{verb}", f"{what} {verb} this score {points}, compared with {_COMPARED_WITH[background]}.")


@lru_cache(512)
def change_in_words(years: float | None, score: float | None) -> str:
    """A change, as it is said to the employee: in how many years from now, and with what score; None where it stays."""
    said = []
    if years is not None:
        said.append(f"in {years:.10g} year{'s' if years != 1 else ''}")
    if score is not None:
        said.append(f"with a performance score of {score:.10g}")
    return " and ".join(said)

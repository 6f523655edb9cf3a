"""How scores are to be explained."""

from __future__ import annotations

from dataclasses import dataclass

from app.insight.evidence.evidence import BackgroundName


@dataclass(frozen=True)
class Question:
    """What is asked.

    steps       (d,) in which the inputs of a change may move, in raw units
    background  with whom the contributions compare
    level       of the credible interval, between 0 and 1
    robust      whether a change must turn the decision also at the end of the interval
    """

    steps: tuple[float, ...]
    background: BackgroundName = "training"
    level: float = 0.9
    robust: bool = False

"""How far a race has come."""

from __future__ import annotations

import numpy as np

from app.network.objective import Objective
from app.network.progress import Progress
from app.network.solvers.gauss_newton import Descents


class RaceProgress:
    """The progress of a race; its share done never decreases."""

    def __init__(self, starts: int, loss: float) -> None:
        """Nothing done; the loss of the base rate."""
        self.done, self._from, self._to = 0.0, 0.0, 0.3
        self._progress = Progress(1, starts, 0, loss, 0.0)

    def span(self, first: float, last: float) -> None:
        """The next updates share this part of the whole."""
        self._from, self._to = first, last

    def now(self, _pause: None) -> Progress:
        """The last progress again, at a pause within a step."""
        return self._progress

    def update(self, objective: Objective, descents: Descents, share: float) -> Progress:
        """The descent that leads, and a share (0 to 1) of the present span."""
        leader = int(np.argmin(descents.loss))
        loss = float(descents.loss[leader]) - objective.penalty(descents.theta[leader])
        self.done = max(self.done, self._from + (self._to - self._from) * share)
        start, steps = int(descents.start[leader]) + 1, int(descents.steps[leader])
        self._progress = Progress(start, self._progress.starts, steps, loss, self.done)
        return self._progress

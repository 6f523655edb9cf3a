"""A training as its callers see it."""

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from app.errors import Problem, problem_named
from app.trainings.states import ENDS, State


@dataclass(frozen=True)
class Training:
    """One training at one moment.

    queue_position    1 for the next to run; null unless queued
    attempt           how many times it was begun
    progress          start k of n starts, its iteration and loss, and the share done; of the present attempt
    model_version     what it came to when it succeeded
    problem           why it failed, as a problem document
    activate          whether its version was to go into service
    """

    id: str
    state: State
    submitted_at: str
    started_at: str | None
    finished_at: str | None
    queue_position: int | None
    attempt: int
    progress: dict[str, Any] | None
    model_version: int | None
    problem: Problem | None
    activate: bool

    @property
    def ended(self) -> bool:
        """Whether nothing will change any more."""
        return self.state in ENDS

    def published(self) -> dict[str, Any]:
        """The training as every endpoint shows it."""
        return {
            "id": self.id,
            "state": self.state,
            "submitted_at": self.submitted_at,
            "started_at": self.started_at,
            "finished_at": self.finished_at,
            "queue_position": self.queue_position,
            "attempt": self.attempt,
            "progress": self.progress,
            "model_version": self.model_version,
            "problem": None if self.problem is None else self.problem.members(),
        }


def from_row(row: sa.Row[Any]) -> Training:
    """A training from its row."""
    return Training(
        id=row.id,
        state=State(row.state),
        submitted_at=row.submitted_at,
        started_at=row.started_at,
        finished_at=row.finished_at,
        queue_position=row.position,
        attempt=row.attempt,
        progress=None if row.state == State.QUEUED else row.progress,  # its attempt is over
        model_version=row.model_version,
        problem=None if row.problem is None else problem_named(**row.problem),
        activate=row.options.get("activate", True),
    )

"""The states of a training, and the moves between them.

                     ┌── its process died, or the service was stopped ──┐
                     v                                                  │
    submitted ──> queued ──────────────> claimed: running ──────────────┘
                     │                         │
                     v                         ├──> succeeded    with one model version
                 cancelled <───────────────────┤
                                               └──> failed       with a problem; also when its process
                                                                 has died MOST_ATTEMPTS times

A running training is held by a claim (see app/store/trainings.py), and only who holds it moves it; cancelling takes it
away. The three last states are ends: nothing leaves them.
"""

from enum import StrEnum

MOST_ATTEMPTS = 3
"""After so many dead processes it is the training that kills them, for example by needing more memory than there is."""


class State(StrEnum):
    """Where a training stands."""

    QUEUED = "queued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"


SOURCES = {
    State.QUEUED: (State.RUNNING,),
    State.RUNNING: (State.QUEUED,),
    State.SUCCEEDED: (State.RUNNING,),
    State.FAILED: (State.RUNNING,),
    State.CANCELLED: (State.QUEUED, State.RUNNING),
}
"""The states from which each state can be reached."""

ENDS = (State.SUCCEEDED, State.FAILED, State.CANCELLED)

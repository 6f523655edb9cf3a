"""The states of a training, and the moves between them.

    queued ──> running ──> succeeded | failed | cancelled
       └──────────────────────────────────────> cancelled

A waiting `POST /train` begins its training at once, in `running`.
"""

from enum import StrEnum


class State(StrEnum):
    """Where a training stands."""

    QUEUED = "queued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"


SOURCES = {
    State.RUNNING: (State.QUEUED,),
    State.SUCCEEDED: (State.RUNNING,),
    State.FAILED: (State.RUNNING,),
    State.CANCELLED: (State.QUEUED, State.RUNNING),
}
"""The states from which each state can be reached."""

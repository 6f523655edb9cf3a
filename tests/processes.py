"""Processes as the system lists them, and trainings that go on for exactly as long as a test wants."""

import os
import signal
from pathlib import Path

from tests.waiting import until

TRAINS = b"app.trainings.process"
SOME_TIME = "?solver=gradient_descent&epochs=6000&report=false"
"""A training that is not over before it can be held."""


def stat(pid: int) -> list[str]:
    """/proc/PID/stat from the state on; empty when there is no such process."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return []


def alive(pid: int) -> bool:
    """Whether a process exists and is more than an entry that nobody has asked for yet."""
    return bool(found := stat(pid)) and found[0] != "Z"


def command(pid: int) -> bytes:
    """Its command line; empty when there is no such process."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except (FileNotFoundError, ProcessLookupError):
        return b""


def parent(pid: int) -> int | None:
    """The process that started a process, if that exists still."""
    found = stat(pid)
    return int(found[1]) if found else None


def children(pid: int) -> list[int]:
    """The processes that a process started."""
    return [child for entry in Path("/proc").glob("[0-9]*") if parent(child := int(entry.name)) == pid]


def family(pid: int) -> list[int]:
    """A process, and all that descend from it."""
    parents = {child: parent(child) for entry in Path("/proc").glob("[0-9]*") if (child := int(entry.name))}
    members = [pid]
    for member in members:
        members += [child for child, its_parent in parents.items() if its_parent == member]
    return members


def trainings(service: int | None = None) -> list[int]:
    """The processes that train for a service, by default for one that runs inside this process."""
    return [pid for pid in family(service or os.getpid()) if TRAINS in command(pid) and alive(pid)]


def hold_training(service: int | None = None) -> int:
    """Stop the process of a training that runs, as soon as there is one that is not stopped; its process number.

    The training then runs for as long as the test wants, on every machine. It can be killed as ever.
    """
    running = until(lambda: [pid for pid in trainings(service) if stat(pid)[:1] != ["T"]], "a training runs")
    os.kill(running[0], signal.SIGSTOP)
    return running[0]


def let_go(pid: int) -> None:
    """A training that was held goes on."""
    os.kill(pid, signal.SIGCONT)

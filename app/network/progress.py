"""How far a training is, and the generators that say so on the way to their result."""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import Any, TypeVar

Said = TypeVar("Said")
Other = TypeVar("Other")
Result = TypeVar("Result")


@dataclass(frozen=True)
class Progress:
    """Where a training stands.

    start      number (from 1) of the start that leads, of starts
    iteration  steps that it has made
    loss       mean cross-entropy there, in nats, without the penalty; while starts are compared, of a part of the rows,
               or of groups of them
    done       share of the work, an estimate in [0, 1] that never decreases
    """

    start: int
    starts: int
    iteration: int
    loss: float
    done: float


def told(run: Generator[Said, None, Result], say: Callable[[Said], Other]) -> Generator[Other, None, Result]:
    """The same run, which says something else at each pause: `say` of what the run says. Its result in the end."""
    while True:
        try:
            said = next(run)
        except StopIteration as end:
            result: Result = end.value
            return result
        yield say(said)


def within(run: Generator[float, None, Result], before: float, share: float) -> Generator[float, None, Result]:
    """A run that yields how much of it is done, as that share of a whole of which `before` was done before it."""
    return told(run, lambda done: before + share * done)


def result_of(run: Generator[Any, None, Result]) -> Result:
    """The result of a run that nobody follows."""
    while True:
        try:
            next(run)
        except StopIteration as end:
            result: Result = end.value
            return result

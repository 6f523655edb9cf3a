"""How a test waits: for an event, never for a time that a slow machine could miss."""

import time
from collections.abc import Callable
from typing import TypeVar

Value = TypeVar("Value")
PATIENCE = 300.0
"""Seconds until an event that never comes fails its test. No machine is so slow that it needs them."""


def until(condition: Callable[[], Value], what: str) -> Value:
    """The condition's first true value, asked for a hundred times a second."""
    deadline = time.monotonic() + PATIENCE
    while not (value := condition()):
        assert time.monotonic() < deadline, f"never happened: {what}"
        time.sleep(0.01)
    return value

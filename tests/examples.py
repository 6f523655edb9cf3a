"""How many examples hypothesis tries: some in the short run, all of them in the long one.

A test with `@given`, and one that is marked `many_examples`, is part of both runs. tests/conftest.py says which this
is.
"""

from typing import Any

from hypothesis import HealthCheck, settings

SHARE = 10
"""Of so many examples of the long run, the short one tries one."""
LEAST = 2


class Run:
    """The run of which this process is a part."""

    long = False


def examples(most: int, **chosen: Any) -> settings:
    """The settings of a test that tries so many examples in the long run."""
    count = most if Run.long else max(LEAST, most // SHARE)
    # No deadline: a busy machine is not a fault of the code.
    return settings(max_examples=count, deadline=None, suppress_health_check=list(HealthCheck), **chosen)

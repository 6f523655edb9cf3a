"""Instants, as they are stored and published: ISO 8601 in UTC, to the microsecond. They sort as text."""

from datetime import UTC, datetime, timedelta


def now(*, seconds_ago: float = 0) -> str:
    """The present instant, or one before it."""
    instant = datetime.now(UTC) - timedelta(seconds=seconds_ago)
    return instant.isoformat(timespec="microseconds").replace("+00:00", "Z")

"""Which of several media types a caller wants (RFC 9110, section 12.5.1)."""

from __future__ import annotations

from collections.abc import Sequence


def accepted(accept: str | None, offered: Sequence[str]) -> str:
    """The offered media type with the highest quality; of equal ones the first, which is also for who wants none of
    them.
    """
    ranges = [_range(part) for part in (accept or "*/*").lower().split(",")]
    return max(offered, key=lambda media_type: _quality(media_type, ranges))


def _range(part: str) -> tuple[str, float]:
    name, *parameters = (piece.strip() for piece in part.split(";"))
    weights = [parameter.removeprefix("q=") for parameter in parameters if parameter.startswith("q=")]
    try:
        return name, float(weights[0]) if weights else 1.0
    except ValueError:
        return name, 0.0


def _quality(media_type: str, ranges: Sequence[tuple[str, float]]) -> float:
    """That of the most specific range that the type is in."""
    kind = media_type.partition("/")[0]
    for wanted in (media_type, f"{kind}/*", "*/*"):
        found = [quality for name, quality in ranges if name == wanted]
        if found:
            return found[0]
    return 0.0

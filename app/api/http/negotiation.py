"""What a caller wants an answer to be: its media type, and whether in gzip (RFC 9110, sections 12.4.2, 12.5.1, 12.5.3).

A header names what is wanted, each with a quality from 0 (never) to 1, which is also that of a name without one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence


def accepted(accept: str | None, offered: Sequence[str]) -> str:
    """The offered media type with the highest quality; of equal ones the first, which is also for who wants none of
    them.
    """
    wanted = _qualities(accept or "*/*")
    return max(offered, key=lambda media_type: _quality(wanted, media_type, f"{media_type.partition('/')[0]}/*", "*/*"))


def accepts_gzip(accept_encoding: str) -> bool:
    """Whether an answer goes out in gzip: the caller takes gzip, and does not prefer the answer as it is.

    A caller that takes neither gets the answer as it is. `accept_encoding` is what the request's headers of this name
    say, joined by commas; empty where there is none.
    """
    wanted = _qualities(accept_encoding)
    gzip = _quality(wanted, "gzip", "x-gzip", "*")
    return gzip > 0.0 and gzip >= _quality(wanted, "identity", "*")


def _qualities(header: str) -> dict[str, float]:
    """The quality of each name, in small letters; of a name that is given twice the first."""
    found: dict[str, float] = {}
    for part in header.lower().split(","):
        name, *parameters = (piece.strip() for piece in part.split(";"))
        found.setdefault(name, _weight(parameters))
    return found


def _weight(parameters: Sequence[str]) -> float:
    weights = [parameter.removeprefix("q=") for parameter in parameters if parameter.startswith("q=")]
    try:
        return float(weights[0]) if weights else 1.0
    except ValueError:
        return 0.0


def _quality(wanted: Mapping[str, float], *names: str) -> float:
    """That of the first of these names, the most specific first, that the caller gives; 0 where he gives none."""
    return next((wanted[name] for name in names if name in wanted), 0.0)

"""One JSON line a request, on standard output.

Not through structlog, which costs as much as a score, and written once for all the requests that end in the same turn
of the event loop: under load a system call then serves several.
"""

import asyncio
import sys
from datetime import UTC, datetime
from typing import Any

import orjson


class RequestLog:
    """Lines that go out at the end of the event loop's turn."""

    def __init__(self) -> None:
        self._out = sys.stdout.buffer
        self._lines: list[bytes] = []

    def add(self, line: dict[str, Any]) -> None:
        """Add a line; it gets the time of now."""
        if not self._lines:
            asyncio.get_running_loop().call_soon(self._write)
        line["event"], line["timestamp"], line["level"] = "request", datetime.now(UTC), "info"
        self._lines.append(orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE))

    def _write(self) -> None:
        lines, self._lines = self._lines, []
        self._out.write(b"".join(lines))
        self._out.flush()

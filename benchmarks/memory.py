"""The memory of a server and all its processes while something happens."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_EVERY_SECONDS = 0.01


class Peak:
    """The most bytes above what there were before."""

    grown = 0


@contextmanager
def watched(pid: int) -> Iterator[Peak]:
    """Asks again and again while the block runs."""
    peak, before, ended = Peak(), used(pid), threading.Event()

    def watch() -> None:
        while not ended.wait(_EVERY_SECONDS):
            peak.grown = max(peak.grown, used(pid) - before)

    watching = threading.Thread(target=watch)
    watching.start()
    try:
        yield peak
    finally:
        ended.set()
        watching.join()


def used(pid: int) -> int:
    """Bytes that a process and all that it started have in memory. What they share is counted once (PSS)."""
    total = 0
    with suppress(FileNotFoundError, ProcessLookupError):  # it ended meanwhile
        rollup = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii")
        total = 1024 * int(rollup.split("\nPss:")[1].split()[0])
        for task in Path(f"/proc/{pid}/task").iterdir():
            total += sum(used(int(child)) for child in (task / "children").read_text(encoding="ascii").split())
    return total

"""The 99th percentile of one score over HTTP while a body of 64 MiB is scored, beside that at rest.

One server with one worker, one client that asks for one score after the other, and another process that sends the body
and reads the answer. None is bound to a core. In every round there is first rest, then one body after the other for as
long.
"""

import socket
import tempfile
import urllib.request
from collections.abc import Callable
from concurrent.futures import Future, ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from pathlib import Path

from benchmarks.many_csv import many
from benchmarks.one_by_one import Scores, connected, p99_row, scores_for, scores_while
from benchmarks.scoring import train
from benchmarks.servers import service
from benchmarks.table import Row

LARGEST_BODY = 64 * 1024 * 1024
TARGET = 1 / 3
_RECORD = b'{"employee_id": "E-%07d", "years_of_experience": 12.3, "performance_score": 56}'


def run(quick: bool) -> list[Row]:
    """A row for CSV and one for JSON."""
    rounds, seconds, size = (2, 0.5, LARGEST_BODY // 32) if quick else (5, 4.0, LARGEST_BODY)
    with (
        tempfile.TemporaryDirectory() as data,
        service(data) as (address, _),
        connected(address) as client,
        ProcessPoolExecutor(1, get_context("spawn")) as other,
    ):
        train(address)
        rows = []
        for name, media_type, body in (("CSV", "text/csv", _csv(size)), ("JSON", "application/json", _json(size))):
            file = Path(data) / name
            file.write_bytes(body)
            send = partial(other.submit, _send, address, media_type, file)
            send().result()  # which starts both processes
            rest, busy = zip(*(_round(client, send, seconds) for _ in range(rounds)), strict=True)
            what = f"p99 of POST /predict while {len(body) / 2**20:.0f} MiB of {name} are scored"
            rows.append(p99_row(what, busy, rest, None if quick else TARGET))
    return rows


def _round(client: socket.socket, send: Callable[[], Future[None]], seconds: float) -> tuple[Scores, Scores]:
    rest, busy = scores_for(client, seconds), []
    while sum(took for _, took in busy) < seconds:
        sent = send()
        busy += scores_while(client, lambda sent=sent: not sent.done())
        sent.result()
    return rest, busy


def _send(address: str, media_type: str, file: Path) -> None:
    request = urllib.request.Request(f"{address}/predict", file.read_bytes(), {"Content-Type": media_type})
    with urllib.request.urlopen(request, timeout=60) as answer:
        while answer.read(1 << 20):
            pass


def _csv(size: int) -> bytes:
    body = many(size // 19)[:size]
    return body[: body.rindex(b"\n") + 1]


def _json(size: int) -> bytes:
    records = b", ".join(_RECORD % i for i in range(size // (len(_RECORD % 0) + 2) - 1))
    return b'{"employees": [' + records + b"]}"

"""The 99th percentile of one score over HTTP while a body of 64 MiB is scored, beside that at rest.

One server with one worker, one client that asks for one score after the other, and one that sends the body and reads
the answer. None is bound to a core. In every round there is first rest, then one body after the other for as long.
"""

import socket
import tempfile
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from functools import partial

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
    with tempfile.TemporaryDirectory() as data, service(data) as (address, _), connected(address) as client:
        train(address)
        rows = []
        for name, media_type, body in (("CSV", "text/csv", _csv(size)), ("JSON", "application/json", _json(size))):
            score = partial(_score, address, media_type, body)
            score()  # which starts the process for large bodies
            rest, busy = zip(*(_round(client, score, seconds) for _ in range(rounds)), strict=True)
            what = f"p99 of POST /predict while {len(body) / 2**20:.0f} MiB of {name} are scored"
            rows.append(p99_row(what, busy, rest, None if quick else TARGET))
    return rows


def _round(client: socket.socket, score: partial[None], seconds: float) -> tuple[Scores, Scores]:
    rest, busy = scores_for(client, seconds), []
    with ThreadPoolExecutor(1) as threads:
        while sum(took for _, took in busy) < seconds:
            posted = threads.submit(score)
            busy += scores_while(client, lambda posted=posted: not posted.done())
            posted.result()
    return rest, busy


def _score(address: str, media_type: str, body: bytes) -> None:
    request = urllib.request.Request(f"{address}/predict", body, {"Content-Type": media_type})
    with urllib.request.urlopen(request, timeout=60) as answer:
        while answer.read(1 << 20):
            pass


def _csv(size: int) -> bytes:
    body = many(size // 19)[:size]
    return body[: body.rindex(b"\n") + 1]


def _json(size: int) -> bytes:
    records = b", ".join(_RECORD % i for i in range(size // (len(_RECORD % 0) + 2) - 1))
    return b'{"employees": [' + records + b"]}"

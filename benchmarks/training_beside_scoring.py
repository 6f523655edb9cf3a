"""The 99th percentile of one score over HTTP while a million rows train, beside that at rest.

One server with one worker, one client. In every round the client first scores at rest, then while a training is made.
Neither is bound to a core: the training must find one of its own.
"""

import json
import socket
import tempfile
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

from benchmarks.one_by_one import Scores, connected, p99_row, scores_for, scores_while
from benchmarks.scoring import train
from benchmarks.servers import service
from benchmarks.table import Row
from benchmarks.worlds import make

WORLD = "linear"
"""Of the worlds the one whose training takes longest."""
TARGET = 0.5
"""At most twice as long as at rest."""


def run(quick: bool) -> list[Row]:
    """Two rows: while the training runs, and from the upload of its records to the answer."""
    rounds, rows, seconds = (2, 20_000, 0.5) if quick else (5, 1_000_000, 5.0)
    csv = _csv(rows)
    with tempfile.TemporaryDirectory() as data, service(data) as (address, _), connected(address) as client:
        train(address)
        measured = [_round(client, address, csv, seconds) for _ in range(rounds)]
    rest, whole, training = zip(*measured, strict=True)
    target = None if quick else TARGET
    return [
        p99_row(f"p99 of POST /predict while {rows:,} rows train", training, rest, target),
        p99_row(f"the same from the upload of {rows:,} rows to their model", whole, rest, None),
    ]


def _round(client: socket.socket, address: str, csv: bytes, seconds: float) -> tuple[Scores, Scores, Scores]:
    """The scores at rest, those beside a training from upload to answer, and the part of them while it ran."""
    rest = scores_for(client, seconds)
    with ThreadPoolExecutor(1) as threads:
        posted = threads.submit(train, address, csv)
        whole = scores_while(client, lambda: not posted.done())
        posted.result()
    began, ended = _newest_training(address)
    return rest, whole, [score for score in whole if began <= score[0] <= ended]


def _csv(rows: int) -> bytes:
    inputs, targets = make(WORLD, rows)
    lines = (f"{y:.4f},{s:.4f},{p:.0f}" for (y, s), p in zip(inputs.tolist(), targets.tolist(), strict=True))
    return "\n".join(["years_of_experience,performance_score,promoted", *lines]).encode()


def _newest_training(address: str) -> tuple[float, float]:
    """When it began and ended, in seconds since 1970."""
    with urllib.request.urlopen(f"{address}/train?limit=1", timeout=60) as answer:
        (training,) = json.load(answer)["trainings"]
    assert training["state"] == "succeeded", training
    began, ended = (datetime.fromisoformat(training[name]).timestamp() for name in ("started_at", "finished_at"))
    return began, ended

"""The 99th percentile of one score over HTTP while a million rows train, beside that at rest.

One server with one worker, one client that asks again as soon as it has its answer. In every round the client first
scores at rest, then while a training is made. Neither is bound to a core: the training must find one of its own. While
one score takes long the client asks for no other, so a percentile hides a pause; the longest score stands beside it.
"""

import http.client
import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from benchmarks.table import Row
from benchmarks.worlds import make

SAMPLE = Path(__file__).parents[1] / "app" / "samples" / "promotions.csv"
WORLD = "linear"
"""Of the worlds the one whose training takes longest."""
BODY = b'{"employees":[{"employee_id":"E-1042","years_of_experience":6.5,"performance_score":82}]}'
HEAD = f"POST /predict HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: {len(BODY)}\r\n\r\n"
REQUEST = HEAD.encode() + BODY
TARGET = 0.5
"""At most twice as long as at rest."""

Scores = list[tuple[float, float]]
"""When each score was asked for, in seconds since 1970, and how many seconds it took."""


def run(quick: bool) -> list[Row]:
    """Two rows: while the training runs, and from the upload of its records to the answer."""
    rounds, rows, seconds = (2, 20_000, 0.5) if quick else (5, 1_000_000, 5.0)
    csv = _csv(rows)
    with tempfile.TemporaryDirectory() as data, _served(data) as port, _client(port) as client:
        _post(port, SAMPLE.read_bytes())
        measured = [_round(client, port, csv, seconds) for _ in range(rounds)]
    rest, whole, training = zip(*measured, strict=True)
    target = None if quick else TARGET
    return [
        _row(f"p99 of POST /predict while {rows:,} rows train", training, rest, target),
        _row(f"the same from the upload of {rows:,} rows to their model", whole, rest, None),
    ]


def _round(client: socket.socket, port: int, csv: bytes, seconds: float) -> tuple[Scores, Scores, Scores]:
    """The scores at rest, those beside a training from upload to answer, and the part of them while it ran."""
    until = time.time() + seconds
    rest = _score_while(client, lambda: time.time() < until)
    with ThreadPoolExecutor(1) as threads:
        posted = threads.submit(_post, port, csv)
        whole = _score_while(client, lambda: not posted.done())
        posted.result()
    began, ended = _newest_training(port)
    return rest, whole, [score for score in whole if began <= score[0] <= ended]


def _row(benchmark: str, busy: Sequence[Scores], rest: Sequence[Scores], target: float | None) -> Row:
    longest = [max(seconds for scores in rounds for _, seconds in scores) * 1000 for rounds in (busy, rest)]
    pairs = [(_p99(beside), _p99(alone)) for beside, alone in zip(busy, rest, strict=True)]
    ratios = [alone / beside for beside, alone in pairs]
    ours, baseline = (statistics.median(column) for column in zip(*pairs, strict=True))
    name = f"{benchmark} (longest {longest[0]:.0f} ms, at rest {longest[1]:.0f})"
    return Row(name, ours, baseline, "s", "at rest", statistics.median(ratios), (min(ratios), max(ratios)), target)


def _p99(scores: Scores) -> float:
    return statistics.quantiles((seconds for _, seconds in scores), n=100)[-1]


@contextmanager
def _client(port: int) -> Iterator[socket.socket]:
    """A connection that stays open."""
    with socket.create_connection(("127.0.0.1", port), timeout=60) as client:
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        yield client


def _score_while(client: socket.socket, goes_on: Callable[[], bool]) -> Scores:
    """Score one employee after the other as long as the condition holds; any answer but 200 ends the benchmark."""
    scores = []
    while goes_on():
        sent, began = time.time(), time.perf_counter()
        client.sendall(REQUEST)
        answer = client.recv(65536)
        while not answer.endswith(b"}") and (more := client.recv(65536)):
            answer += more
        scores.append((sent, time.perf_counter() - began))
        if not answer.startswith(b"HTTP/1.1 200 "):
            raise SystemExit(f"A score was answered {answer!r}.")
    return scores


def _csv(rows: int) -> bytes:
    inputs, targets = make(WORLD, rows)
    lines = (f"{y:.4f},{s:.4f},{p:.0f}" for (y, s), p in zip(inputs.tolist(), targets.tolist(), strict=True))
    return "\n".join(["years_of_experience,performance_score,promoted", *lines]).encode()


def _post(port: int, csv: bytes) -> None:
    _ask(port, "POST", "/train", csv)


def _newest_training(port: int) -> tuple[float, float]:
    """When it began and ended, in seconds since 1970."""
    (training,) = _ask(port, "GET", "/train?limit=1")["trainings"]
    assert training["state"] == "succeeded", training
    began, ended = (datetime.fromisoformat(training[name]).timestamp() for name in ("started_at", "finished_at"))
    return began, ended


def _ask(port: int, method: str, path: str, csv: bytes | None = None) -> dict[str, Any]:
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=600)) as connection:
        connection.request(method, path, csv, {"Content-Type": "text/csv"})
        answer = connection.getresponse()
        body = answer.read()
    if answer.status not in (200, 201):
        raise SystemExit(f"{method} {path} was answered {answer.status}: {body!r}")
    document: dict[str, Any] = json.loads(body)
    return document


@contextmanager
def _served(data_dir: str) -> Iterator[int]:
    """The service on a port of its own, from ready to ended."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with (Path(data_dir) / "log").open("wb") as log:  # a file, because the log is part of the price
        server = subprocess.Popen(
            [sys.executable, "-m", "uvicorn", "app.main:app", "--port", str(port)],
            env=os.environ | {"PROMOTION_DATA_DIR": data_dir, "PROMOTION_TRAIN_WAIT": "600"},
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    try:
        _wait(port)
        yield port
    finally:
        server.terminate()
        server.wait(timeout=20)


def _wait(port: int) -> None:
    for _ in range(200):
        try:
            _ask(port, "GET", "/readyz")
        except (OSError, SystemExit):
            time.sleep(0.05)
        else:
            return
    raise SystemExit("The service did not become ready.")

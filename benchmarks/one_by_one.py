"""A client that asks for one score after the other, on one connection, while something else goes on."""

import socket
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from urllib.parse import urlsplit

from benchmarks.table import Row

BODY = b'{"employees":[{"employee_id":"E-1042","years_of_experience":6.5,"performance_score":82}]}'
HEAD = f"POST /predict HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: {len(BODY)}\r\n\r\n"
REQUEST = HEAD.encode() + BODY

Scores = list[tuple[float, float]]
"""When each score was asked for, in seconds since 1970, and how many seconds it took."""


@contextmanager
def connected(address: str) -> Iterator[socket.socket]:
    """A connection that stays open."""
    parts = urlsplit(address)
    with socket.create_connection((parts.hostname, parts.port), timeout=60) as client:
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        yield client


def scores_for(client: socket.socket, seconds: float) -> Scores:
    """The scores of so many seconds."""
    until = time.time() + seconds
    return scores_while(client, lambda: time.time() < until)


def scores_while(client: socket.socket, goes_on: Callable[[], bool]) -> Scores:
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


def p99_row(benchmark: str, busy: Sequence[Scores], rest: Sequence[Scores], target: float | None) -> Row:
    """The 99th percentile while something went on, in every round, beside that at rest.

    While one score takes long the client asks for no other, so a percentile hides a pause; the longest score stands
    beside it.
    """
    longest = [max(seconds for scores in rounds for _, seconds in scores) * 1000 for rounds in (busy, rest)]
    pairs = [(_p99(beside), _p99(alone)) for beside, alone in zip(busy, rest, strict=True)]
    ratios = [alone / beside for beside, alone in pairs]
    ours, baseline = (statistics.median(column) for column in zip(*pairs, strict=True))
    name = f"{benchmark} (longest {longest[0]:.0f} ms, at rest {longest[1]:.0f})"
    return Row(name, ours, baseline, "s", "at rest", statistics.median(ratios), (min(ratios), max(ratios)), target)


def _p99(scores: Scores) -> float:
    return statistics.quantiles((seconds for _, seconds in scores), n=100)[-1]

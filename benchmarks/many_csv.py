"""Many employees as CSV, from the body's bytes to the answer's, in process and over HTTP, and the memory that takes;
the answer as it is and in gzip, which most clients ask for.

The baselines do the same job with the same network: the standard library's csv module, and polars on one core where it
is installed (it is no dependency). They check no range and name no fault.
"""

import csv
import io
import os
import statistics
import tempfile
import urllib.request
import zlib
from collections.abc import Callable
from importlib.util import find_spec

import numpy as np
from starlette.responses import Response

from app.api.bodies.reading import read_columns
from app.api.csv_answer import write_csv
from app.api.http.compression import packed
from app.inputs import NAMES
from app.network.forward import score
from app.network.parameters import Parameters
from benchmarks.memory import watched
from benchmarks.scoring import train
from benchmarks.servers import served, service
from benchmarks.table import Row, compare, of_rates, seconds

NETWORK = Parameters(np.array([[0.1, -0.2], [0.03, 0.01]]), np.array([-3.0, 1.0]), np.array([2.0, -1.0]), -0.5)
THRESHOLD = 0.5
ROWS_A_SECOND, OVER_HTTP = 4e6, 2e6
IN_GZIP, PACKING = 0.75, 4
"""What is wanted of answers in gzip: a share of the rows a second over HTTP, and so many times zlib's speed."""
BODIES = 6
"""The memory that the whole way may take, in bodies."""


def run(quick: bool) -> list[Row]:
    """Rows a second against each baseline and against the target, and memory against its own."""
    n = 100_000 if quick else 1_000_000
    body = many(n)
    rounds = 1 if quick else 5
    rows = []
    for name, baseline in _baselines().items():
        assert sum(len(line) > 9 for line in baseline(body).split(b"\n")) == n + 1
        rows.append(
            compare(
                f"CSV in and out, {n:,} rows",
                lambda: in_and_out(body),
                lambda baseline=baseline: baseline(body),
                baseline_name=name,
                target=None,
                rounds=rounds,
            )
        )
    here = [n / seconds(lambda: in_and_out(body)) for _ in range(rounds)]
    rows.append(_against("CSV in and out", here, ROWS_A_SECOND, "rows/s", quick))
    plain, in_gzip = _over_http(body, n, rounds)
    name = "the same over HTTP"
    rows.append(_against(name, plain, OVER_HTTP, "rows/s", quick))
    target = None if quick else IN_GZIP
    rows.append(of_rates(f"{name}, answered in gzip", "rows/s", in_gzip, plain, baseline_name=name, target=target))
    answer = bytes(in_and_out(body))
    rows.append(
        compare(
            f"packing the answer to {len(packed(Response(answer)).body) / len(answer):.3f} of its size",
            lambda: packed(Response(answer)),
            lambda: _with_zlib(answer),
            baseline_name=f"zlib at level 4, to {len(_with_zlib(answer)) / len(answer):.3f}",
            target=None if quick else PACKING,
            rounds=rounds,
        )
    )
    grown = _memory(body)
    name = "memory of CSV in and out over HTTP, in bodies"
    spared = BODIES / grown
    rows.append(Row(name, grown, BODIES, "", "the target", spared, (spared, spared), None if quick else 1))
    return rows


def many(n: int) -> bytes:
    """A body of n employees; 1,000,000 are 20 MB."""
    inputs = np.random.default_rng(0).uniform((0, 0), (40, 100), (n, 2)).round(1).tolist()
    rows = [f"E-{i:07d},{years},{performance}" for i, (years, performance) in enumerate(inputs)]
    return "\n".join(["employee_id,years_of_experience,performance_score", *rows, ""]).encode()


def in_and_out(body: bytes) -> memoryview:
    """What POST /predict does with the bytes."""
    ids, inputs = read_columns(body, NAMES, {})
    probabilities = score(NETWORK, inputs)
    return write_csv(ids, probabilities, probabilities >= THRESHOLD)


def with_the_standard_library(body: bytes) -> bytes:
    """Row by row."""
    rows = csv.reader(io.StringIO(body.decode(), newline=""))
    next(rows)
    ids, years, performances = zip(*rows, strict=True)
    inputs = np.column_stack([np.array(list(map(float, column))) for column in (years, performances)])
    probabilities = score(NETWORK, inputs)
    promote = np.where(probabilities >= THRESHOLD, "true", "false").tolist()
    answer = io.StringIO(newline="")
    writer = csv.writer(answer, lineterminator="\n")
    writer.writerow(["employee_id", "probability", "promote"])
    writer.writerows(zip(ids, probabilities.tolist(), promote, strict=True))
    return answer.getvalue().encode()


def with_polars(body: bytes) -> bytes:
    """Column by column, on one core."""
    import polars as pl  # noqa: PLC0415 - where it is installed

    table = pl.read_csv(body, schema={"employee_id": pl.String} | dict.fromkeys(NAMES, pl.Float64))
    probabilities = score(NETWORK, table.select(NAMES).to_numpy())
    promote = pl.Series("promote", probabilities >= THRESHOLD)
    return table.select("employee_id", pl.Series("probability", probabilities), promote).write_csv().encode()


def _baselines() -> dict[str, Callable[[bytes], bytes]]:
    baselines = {"the standard library's csv": with_the_standard_library}
    if find_spec("polars"):
        os.environ["POLARS_MAX_THREADS"] = "1"
        baselines["polars, one core"] = with_polars
    return baselines


def _against(name: str, rates: list[float], target: float, unit: str, quick: bool) -> Row:
    ratios = [rate / target for rate in rates]
    spread = (min(ratios), max(ratios))
    middle = statistics.median(rates)
    return Row(name, middle, target, unit, "the target", middle / target, spread, None if quick else 1)


def _with_zlib(answer: bytes) -> bytes:
    return zlib.compress(answer, 4, wbits=zlib.MAX_WBITS | 16)


def _over_http(body: bytes, n: int, rounds: int) -> tuple[list[float], list[float]]:
    """Rows a second from the first byte sent to the last one read, of answers as they are and in gzip, which nobody
    unpacks: uvicorn on one core, the client on another.
    """
    cores = sorted(os.sched_getaffinity(0))
    with tempfile.TemporaryDirectory() as data, served("app.main:app", data, cores[0]) as address:
        train(address)
        plain = urllib.request.Request(f"{address}/predict", body, {"Content-Type": "text/csv"})
        in_gzip = urllib.request.Request(plain.full_url, body, plain.headers | {"Accept-Encoding": "gzip"})

        def rate(request: urllib.request.Request) -> float:
            return n / seconds(lambda: urllib.request.urlopen(request, timeout=60).read())

        rate(plain)  # starts the process for large bodies
        rates = [(rate(plain), rate(in_gzip)) for _ in range(rounds)]
    return [of for of, _ in rates], [of for _, of in rates]


def _memory(body: bytes) -> float:
    """How far the memory of the service and its processes rises while it scores a body, in bodies: the body itself is
    one, and it stands in the memory of one of them.
    """
    with tempfile.TemporaryDirectory() as data, service(data) as (address, pid):
        train(address)
        request = urllib.request.Request(f"{address}/predict", body, {"Content-Type": "text/csv"})
        urllib.request.urlopen(request, timeout=60).read()  # starts the process for large bodies
        with watched(pid) as peak:
            urllib.request.urlopen(request, timeout=60).read()
    return peak.grown / len(body)

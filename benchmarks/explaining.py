"""What explanations cost: explained scores beside plain ones of the same employees, on the same server and core.

A thousand employees in turn, one a request, and 10,000 in one; and the memory that the server has more once it has
explained them all, with either background.
"""

import os
import tempfile
from pathlib import Path

from benchmarks.many_records import POST, ROWS, inputs, records
from benchmarks.memory import used
from benchmarks.scoring import HERE, SAMPLE, rate, train
from benchmarks.servers import service_on
from benchmarks.table import Row, of_rates

ONE, MANY, MEBIBYTES = 0.5, 0.2, 5
"""The shares of plain scores a second that are wanted, and the memory that explanations may take."""
_SCRIPT = HERE / "many_employees.lua"


def run(quick: bool) -> list[Row]:
    """One employee, many, memory."""
    rounds, seconds = (1, 1) if quick else (7, 3)
    cores = sorted(os.sched_getaffinity(0))
    with tempfile.TemporaryDirectory() as data, service_on(data, cores[0]) as (address, _):
        train(address, SAMPLE)
        body = Path(data) / "records"
        body.write_bytes(records(inputs()))

        def one(query: str) -> float:
            return rate(f"{address}/predict{query}", seconds, cores[-1], _SCRIPT)

        def many(query: str) -> float:
            arguments = str(body), "application/json"
            return ROWS * rate(f"{address}/predict{query}", seconds, cores[-1], POST, *arguments, connections=1)

        for query in ("", "?explain=true"):  # what the first requests of all take is not measured
            one(query)
            many(query)
        rows = [
            of_rates(
                f"{name}, explained",
                unit,
                *zip(*[(of("?explain=true"), of("")) for _ in range(rounds)], strict=True),
                baseline_name="plain",
                target=None if quick else target,
            )
            for name, unit, of, target in (
                ("one employee a request", "requests/s", one, ONE),
                (f"{ROWS:,} employees a request", "rows/s", many, MANY),
            )
        ]
    return [*rows, _memory(quick)]


def _memory(quick: bool) -> Row:
    """What a server that has scored takes more once it has explained, one employee after the other."""
    cores = sorted(os.sched_getaffinity(0))
    with tempfile.TemporaryDirectory() as data, service_on(data, cores[0]) as (address, pid):
        train(address, SAMPLE)
        rate(f"{address}/predict", 1 if quick else 2, cores[-1], _SCRIPT)
        plain = used(pid)
        rate(f"{address}/predict?explain=true", 1 if quick else 10, cores[-1], _SCRIPT)
        grown = (used(pid) - plain) / 2**20
    spared = MEBIBYTES / max(grown, 0.1)
    name = "memory that explanations add, in MiB"
    return Row(name, grown, MEBIBYTES, "MiB", "the target", spared, (spared, spared), None if quick else 1)

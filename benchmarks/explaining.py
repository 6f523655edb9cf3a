"""What explanations cost: explained scores beside plain ones of the same employees, on the same server and core.

A thousand employees in turn, one a request, and 10,000 in one; 10,000 and 100,000 of whom a tenth has a warning, those
alone explained, beside all of them; and the memory that the server has more once it has explained them all, with either
background.
"""

import json
import os
import tempfile
import urllib.request
from pathlib import Path

import numpy as np

from app.inputs import NAMES
from benchmarks.many_records import POST, ROWS, inputs, records
from benchmarks.memory import used
from benchmarks.scoring import HERE, SAMPLE, rate, train
from benchmarks.servers import service_on
from benchmarks.table import Row, of_rates

ONE, MANY, MEBIBYTES = 0.5, 0.2, 5
"""The shares of plain scores a second that are wanted, and the memory that explanations may take."""
TENTH = 2
"""How many times as fast it should be to explain a tenth as to explain all."""
_JSON_BODY = {"Content-Type": "application/json"}
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
        rows += _a_tenth(address, Path(data), rounds, seconds)
    return [*rows, _memory(quick)]


def _a_tenth(address: str, folder: Path, rounds: int, seconds: int) -> list[Row]:
    """`explain_where=warned`, the choice that takes longest, where it picks a tenth: beside all explained."""
    employees = inputs()
    request = urllib.request.Request(f"{address}/predict?explain=true", records(employees), _JSON_BODY)
    with urllib.request.urlopen(request) as answer:
        predictions = json.load(answer)["predictions"]
    warned = np.array([one["explanation"]["refer_to_person"] for one in predictions])
    core, rows = sorted(os.sched_getaffinity(0))[-1], []
    for n in (ROWS, 10 * ROWS):
        mixed = np.concatenate(
            [np.resize(employees[warned], (n // 10, 2)), np.resize(employees[~warned], (n - n // 10, 2))]
        )
        np.random.default_rng(n).shuffle(mixed)
        for form, body in (("JSON", records(mixed)), ("CSV", _csv(mixed))):
            file = folder / "mixed"
            file.write_bytes(body)
            arguments = str(file), "application/json" if form == "JSON" else "text/csv"

            def rows_a_second(query: str, n: int = n, arguments: tuple[str, str] = arguments) -> float:
                url = f"{address}/predict?explain=true{query}"
                return n * rate(url, seconds if n == ROWS else 5 * seconds, core, POST, *arguments, connections=1)

            both = [(rows_a_second("&explain_where=warned"), rows_a_second("")) for _ in range(rounds)]
            rows.append(
                of_rates(
                    f"{n:,} employees a request, as {form}, explained where warned, a tenth",
                    "rows/s",
                    *zip(*both, strict=True),
                    baseline_name="all explained",
                    target=None if rounds == 1 else TENTH,
                )
            )
    return rows


def _csv(employees: np.ndarray) -> bytes:
    lines = [f"E-{i},{years},{score}" for i, (years, score) in enumerate(employees.tolist())]
    return "\n".join([",".join(("employee_id", *NAMES)), *lines, ""]).encode()


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

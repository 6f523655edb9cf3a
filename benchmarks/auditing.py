"""A million decisions from the bytes of a CSV body to those of the answer of POST /audit, beside reading them."""

import csv
import io

import numpy as np

from app.api.audit.endpoint import AuditOptions, _answer
from app.api.audit.records import Decisions
from benchmarks.table import Row, compare

TARGET = 1 / 3
_RACES = ["Asian", "Black or African American", "Hispanic or Latino", "Two or more", "White", ""]


def run(quick: bool) -> list[Row]:
    """Decided ones in four pools, then scores; 3 % of the people are unknown."""
    n, rounds = (20_000, 1) if quick else (1_000_000, 5)
    rows = []
    for basis in ("selected", "score"):
        body = _csv(n, basis)
        for name, read in (
            ("the standard library's csv", _cells),
            ("reading them", lambda body: Decisions.from_csv({}, body)),
        ):
            rows.append(
                compare(
                    f"audit of {n:,} decisions, {basis}",
                    lambda body=body: _audit(body),
                    lambda body=body, read=read: read(body),
                    baseline_name=name,
                    target=None if quick else TARGET,
                    rounds=rounds,
                )
            )
    return rows


def _audit(body: bytes) -> None:
    _answer(None, AuditOptions(), "application/json", Decisions.from_csv({}, body))


def _cells(body: bytes) -> None:
    list(csv.reader(io.TextIOWrapper(io.BytesIO(body), "utf-8", newline="")))


def _csv(n: int, basis: str) -> bytes:
    rng = np.random.default_rng(20261126)
    sex = rng.choice(["Female", "Male", ""], n, p=[0.48, 0.49, 0.03])
    race = rng.choice(_RACES, n, p=[0.15, 0.15, 0.2, 0.07, 0.4, 0.03])
    pool = rng.choice(["Engineering", "Sales", "Support", "Works"], n)
    happened = rng.choice(["yes", "no"], n, p=[0.2, 0.8]) if basis == "selected" else rng.normal(60, 15, n).round(1)
    lines = map(",".join, zip(sex, race, pool, happened.astype(str), strict=True))
    return "\n".join([f"sex,race_ethnicity,pool,{basis}", *lines]).encode()

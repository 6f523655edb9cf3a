"""The service beside MLServer, BentoML, LitServe, and plain FastAPI with scikit-learn and with onnxruntime.

All have the same network, the one that the service trained on its sample, and answer the same probabilities, which is
checked first. All are up at once, each from an environment of its own, on the same core; one is asked at a time, by wrk
from another core, in turn, round by round. Each is asked in its natural form (form.py, peer.py), ours as JSON records.
MLServer's form is one that ours speaks too, so there the two are compared in the same form as well.
"""

import os
import sys
import tempfile
import urllib.request
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.peers import form
from benchmarks.peers.contestant import Contestant, contestant
from benchmarks.peers.environment import Environment, NotInstalled
from benchmarks.peers.peer import PEERS, Peer
from benchmarks.scoring import train
from benchmarks.servers import served
from benchmarks.table import Row, of_rates

MANY = 10_000


@dataclass(frozen=True)
class _Load:
    """Employees in one request, by how many connections at once, and what is counted."""

    benchmark: str
    unit: str
    employees: form.Rows
    connections: int


def run(quick: bool) -> list[Row]:
    """One record and many records a request."""
    cores = sorted(os.sched_getaffinity(0))
    installed = _installed(quick)
    with ExitStack() as stack:
        work = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        ours = stack.enter_context(served("app.main:app", str(work), cores[0]))
        train(ours)
        model = work / "model.json"
        model.write_bytes(urllib.request.urlopen(f"{ours}/model", timeout=10).read())
        contestants = [Contestant("ours", ours, form.OURS)]
        for peer, environment in installed:
            contestants.append(stack.enter_context(contestant(peer, environment, model, cores[0])))
        contestants.append(Contestant("ours", ours, form.OURS_V2))
        return [
            row
            for load in _loads()
            for row in _rows(load, contestants, _rates(load, contestants, work, cores[-1], quick))
        ]


def _installed(quick: bool) -> list[tuple[Peer, Environment]]:
    """The peers that can be had, a line about each that cannot; --quick installs only what is light."""
    installed = []
    for peer in PEERS:
        environment = Environment(peer.group)
        try:
            if quick and not peer.light and not environment.is_made():
                raise NotInstalled("it is not installed, and --quick installs only the light ones")
            environment.make(timeout=45 if quick else 900)
        except NotInstalled as why:
            print(f"peers: without {peer.name}: {why}", file=sys.stderr, flush=True)
        else:
            installed.append((peer, environment))
    return installed


def _loads() -> list[_Load]:
    rng = np.random.default_rng(20261124)
    years, scores = rng.uniform(0, 45, MANY).round(1).tolist(), rng.integers(0, 101, MANY).tolist()
    return [
        _Load("one record a request", "requests/s", [(6.5, 82)], 8),
        _Load(f"{MANY:,} records a request", "rows/s", list(zip(years, scores, strict=True)), 2),
    ]


def _rates(load: _Load, contestants: list[Contestant], work: Path, core: int, quick: bool) -> list[list[float]]:
    """Rows a second of each, round by round; first, whether they answer alike."""
    rounds, seconds = (2, 1) if quick else (5, 3)
    for one in contestants[1:]:
        one.must_agree(contestants[0], load.employees)
    bodies = [one.write(work, load.employees) for one in contestants]
    asked = list(zip(contestants, bodies, strict=True))
    return [
        [len(load.employees) * one.rate(body, load.connections, seconds, core) for one, body in asked]
        for _ in range(rounds)
    ]


def _rows(load: _Load, contestants: list[Contestant], rates: list[list[float]]) -> list[Row]:
    """Ours as records beside each peer, and as V2 JSON beside the peer that takes that."""
    records, *theirs, tensors = zip(*rates, strict=True)
    rows, alike = [], []
    for peer, those in zip(contestants[1:-1], theirs, strict=True):
        rows.append(of_rates(load.benchmark, load.unit, records, those, baseline_name=peer.name))
        if peer.form is form.MLSERVER:
            name = f"{load.benchmark}, both as V2 JSON"
            alike.append(of_rates(name, load.unit, tensors, those, baseline_name=peer.name))
    return rows + alike

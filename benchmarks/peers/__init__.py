"""The service beside MLServer, BentoML, LitServe, and plain FastAPI with scikit-learn and with onnxruntime.

All have the same network, the one that the service trained on its sample, and answer the same probabilities, which is
checked first. All are up at once, each from an environment of its own, on the same core; one is asked at a time, by wrk
from another core, ours right before each peer, round by round. Each is asked in its natural form (form.py, peer.py),
ours as JSON records. MLServer's form is one that ours speaks too: there the two are compared in the same form as well.
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
        peers = [stack.enter_context(contestant(peer, environment, model, cores[0])) for peer, environment in installed]
        pairs = _pairs(ours, peers)
        return [row for load in _loads() for row in _rows(load, pairs, work, cores[-1], quick)]


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


def _pairs(ours: str, peers: list[Contestant]) -> list[tuple[str, Contestant, Contestant]]:
    """What is compared, in which form if not in each one's own: ours as records, and as V2 JSON with who takes that."""
    records, tensors = Contestant("ours", ours, form.OURS), Contestant("ours", ours, form.OURS_V2)
    alike = [(", both as V2 JSON", tensors, peer) for peer in peers if peer.form is form.MLSERVER]
    return [("", records, peer) for peer in peers] + alike


def _rows(
    load: _Load, pairs: list[tuple[str, Contestant, Contestant]], work: Path, core: int, quick: bool
) -> list[Row]:
    """Hold the answers of each pair to each other, then time them one right after the other, round by round."""
    rounds, seconds = (2, 1) if quick else (5, 2)
    bodies = {}
    for _, ours, theirs in pairs:
        theirs.must_agree(ours, load.employees)
        bodies |= {one: one.write(work, load.employees) for one in (ours, theirs)}

    def rate(one: Contestant) -> float:
        return len(load.employees) * one.rate(bodies[one], load.connections, seconds, core)

    rounds_of_pairs = [[(rate(ours), rate(theirs)) for _, ours, theirs in pairs] for _ in range(rounds)]
    return [
        of_rates(load.benchmark + form_of_both, load.unit, *zip(*rates, strict=True), baseline_name=theirs.name)
        for (form_of_both, _, theirs), rates in zip(pairs, zip(*rounds_of_pairs, strict=True), strict=True)
    ]

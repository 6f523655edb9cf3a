"""Runs one training at a time in a process of its own, so that scoring goes on meanwhile.

A process a training: its memory goes back to the system when it ends, and a kill is a complete cancel.
"""

import asyncio
import os
import sys
from asyncio import subprocess
from pathlib import Path

import app
from app.errors import TrainingFailed
from app.network.fit import FitOptions, Fitted
from app.network.parameters import Array
from app.trainings.wire import decode_answer, encode_job

_ENVIRONMENT = {
    # One thread: sums in one order whatever the machine, and a core left for scoring.
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    # The process must find this very package, wherever the service was started from.
    "PYTHONPATH": str(Path(app.__file__).parents[1]),
}


class Runner:
    """The trainings of one service process take turns: a second one at the same time would only slow both."""

    def __init__(self) -> None:
        self._turn = asyncio.Lock()

    async def run(self, inputs: Array, targets: Array, options: FitOptions) -> Fitted:
        """Train. Raises UnusableData, and TrainingFailed when the process could not be started or died."""
        async with self._turn:
            process = await _started()
            answer, _ = await process.communicate(encode_job(inputs, targets, options))
        if process.returncode != 0:
            raise TrainingFailed(f"The training process ended with exit code {process.returncode}.")
        return decode_answer(answer)


async def _started() -> subprocess.Process:
    try:
        return await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "app.trainings.process",
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=os.environ | _ENVIRONMENT,
            start_new_session=True,  # Ctrl-C in the terminal is for the service, which waits for its trainings
        )
    except OSError as error:  # no memory, process or file descriptor left
        raise TrainingFailed(f"The training process cannot be started: {error.strerror}.") from error

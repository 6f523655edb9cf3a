"""Runs a training in a process of its own, so that scoring goes on meanwhile.

A process a training: its memory goes back to the system when it ends, and a kill is a complete cancel.
"""

from asyncio import subprocess
from collections.abc import Callable
from contextlib import suppress

from app.errors import TrainingFailed
from app.network.progress import Progress
from app.processes import start
from app.trainings.job import Job
from app.trainings.result import Result
from app.trainings.wire import decode_message, encode_job

LONGEST_LINE = 1 << 24
"""Bytes of a result in JSON: sixteen hidden units' covariances are 80 kB, a report 20."""


class NotStarted(Exception):
    """The system has no process for it at the moment; the message is the system's."""


async def run(job: Job, told: Callable[[Progress], None]) -> Result:
    """Train, and tell how far it is. Cancelled, it kills the process.

    Raises UnusableData, NotStarted, and TrainingFailed when the process died.
    """
    process = await _started()
    try:
        result = await _conversation(process, job, told)
    except BaseException:
        with suppress(ProcessLookupError):
            process.kill()
        raise
    finally:
        code = await process.wait()
    if result is None:
        raise TrainingFailed(f"The training process ended with exit code {code}.")
    return result


async def _conversation(process: subprocess.Process, job: Job, told: Callable[[Progress], None]) -> Result | None:
    """Hand over the job, listen until the process has nothing more to say, and return what it came to."""
    assert process.stdin is not None
    assert process.stdout is not None
    result = None
    # It may have died before it has read the job; its exit code tells. uvloop's word for that is RuntimeError.
    with suppress(ConnectionError, RuntimeError):
        process.stdin.writelines(encode_job(job))
        await process.stdin.drain()
        process.stdin.close()
    async for line in process.stdout:
        message = decode_message(line)
        if isinstance(message, Progress):
            told(message)
        else:
            result = message
    return result


async def _started() -> subprocess.Process:
    try:
        return await start(
            "app.trainings.process", stdin=subprocess.PIPE, stdout=subprocess.PIPE, longest_line=LONGEST_LINE
        )
    except OSError as error:
        raise NotStarted(error.strerror) from error

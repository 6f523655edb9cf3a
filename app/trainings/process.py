"""The process that trains: reads one job, tells how far it is, answers, ends. Started by runner.py as
`python -m app.trainings.process`.

It touches neither store nor network socket, so that killing it at any moment can harm nothing. NumPy alone is
imported, so that it starts in a tenth of a second.
"""

import os
import signal
import sys
from collections.abc import Callable, Generator
from time import monotonic

from app.network.progress import Progress
from app.network.training_set import UnusableData
from app.trainings.making import make
from app.trainings.result import Result
from app.trainings.wire import decode_job, encode_progress, encode_result, encode_unusable

TOLD_EVERY_SECONDS = 0.1


def main() -> None:
    """Train on the job on standard input, and write what it came to on standard output."""
    os.closerange(3, os.sysconf("SC_OPEN_MAX"))  # see app/processes.py
    signal.signal(signal.SIGTERM, signal.SIG_IGN)  # sent to all, it is for the service, which gives a training time
    service = os.getppid()
    try:
        _converse(make(decode_job(os.fdopen(0, "rb"))), lambda: os.getppid() == service)
    except (EOFError, BrokenPipeError):
        sys.exit("the service that asked for this training is gone")


def _converse(training: Generator[Progress, None, Result], is_wanted: Callable[[], bool]) -> None:
    """Raises EOFError when nobody wants it any more."""
    progress, told = None, monotonic()
    try:
        while True:
            progress = next(training)
            if not is_wanted():
                raise EOFError
            if monotonic() - told >= TOLD_EVERY_SECONDS:
                told = monotonic()
                _say(encode_progress(progress))
    except StopIteration as end:
        if progress is not None:
            _say(encode_progress(progress))  # the last, at which everything is done
        answer = encode_result(end.value)
    except UnusableData as error:
        answer = encode_unusable(error)
    _say(answer)


def _say(line: bytes) -> None:
    sys.stdout.buffer.write(line)
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()

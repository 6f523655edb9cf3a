"""The process that trains: reads one job, answers, ends. Started by runner.py as `python -m app.trainings.process`.

It touches neither store nor network socket, so that killing it at any moment can harm nothing. NumPy alone is
imported, so that it starts in a tenth of a second.
"""

import os
import sys

from app.network.fit import UnusableData, fit
from app.trainings.wire import decode_job, encode_fitted, encode_unusable


def main() -> None:
    """Train on the job on standard input, and write what it came to on standard output."""
    service = os.getppid()
    training = fit(*decode_job(sys.stdin.buffer))
    try:
        while True:
            next(training)
            if os.getppid() != service:
                sys.exit("the service that asked for this training is gone")
    except StopIteration as end:
        answer = encode_fitted(end.value)
    except UnusableData as error:
        answer = encode_unusable(error)
    sys.stdout.buffer.write(answer)


if __name__ == "__main__":
    main()

"""The process that reads and scores large bodies, one fork a body. Started by batches.py as
`python -m app.batch_process`.

It has everything imported that a batch needs and is otherwise idle: a fork of it is ready in milliseconds, and what a
batch took of memory goes back to the system with the fork. It has one thread, so that forking is safe, and touches no
database. What the service and a fork say to each other, in frames:

    to the fork     how to read the body, a function, and whether to compress the answer, pickled; the body in pieces,
                    the last one empty
    to the service  None, or what was raised, pickled
    to the fork     how to answer what was read, a function, pickled
    to the service  status and headers, or what was raised, pickled; then, without frames, the answer's bytes to the end
"""

import gc
import os
import pickle
import signal
import socket
from collections.abc import Callable
from io import BufferedRWPair
from typing import Any

from starlette.responses import Response

import app.api.audit.endpoint
import app.api.open_inference.infer
import app.api.predict  # noqa: F401 - these three are all that the functions of a batch need
from app.api.http.compression import packed
from app.api.http.frames import length_of, read_frame
from app.errors import MistakeElsewhere, Problem, place_of


def main() -> None:
    """Fork for every connection that comes over standard input, until the service is gone."""
    os.closerange(3, os.sysconf("SC_OPEN_MAX"))  # see app/processes.py
    control = socket.socket(fileno=0)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)  # sent to all, it is for the service, which answers what it has begun
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the system forgets forks that have ended
    gc.freeze()  # a fork's collections would copy these pages
    os.nice(5)  # where cores are few, whoever asks for one score goes first
    while True:
        _, connections, _, _ = socket.recv_fds(control, 1, 1)
        if not connections:
            return
        if os.fork() == 0:
            control.close()
            _serve(connections[0])
            os._exit(0)
        os.close(connections[0])


def _serve(connection: int) -> None:
    try:
        with socket.socket(fileno=connection) as ends, ends.makefile("rwb") as stream:
            try:
                _converse(stream)
            except Problem as problem:
                _say(stream, problem)
            except (EOFError, ConnectionError):
                raise
            except Exception as mistake:
                _say(stream, MistakeElsewhere(place_of(mistake)))
    except (EOFError, ConnectionError):
        return  # nobody waits any more


def _converse(stream: BufferedRWPair) -> None:
    """Raises what reading and answering raise, and EOFError or ConnectionError when the service hangs up."""
    read, compress = pickle.loads(read_frame(stream))
    records = read(b"".join(iter(lambda: read_frame(stream), b"")))
    _say(stream, None)
    respond: Callable[[Any], Response] = pickle.loads(read_frame(stream))
    answer = respond(records)
    del records  # the caller may read slowly
    if compress:
        answer = packed(answer)
    _say(stream, (answer.status_code, answer.raw_headers))
    stream.write(answer.body)


def _say(stream: BufferedRWPair, message: object) -> None:
    data = pickle.dumps(message)
    stream.write(length_of(data))
    stream.write(data)
    stream.flush()


if __name__ == "__main__":
    main()

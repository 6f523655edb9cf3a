"""The process that reads and scores large bodies, one fork a body. Started by batches.py as
`python -m app.api.batch_process`.

It has everything imported that a batch needs and is otherwise idle: a fork of it is ready in milliseconds, and what a
batch took of memory goes back to the system with the fork. It has one thread, so that forking is safe, and touches no
database. What the service and a fork say to each other, in frames:

    to the fork     how to read the body, a function, and whether to compress the answer, pickled; the body in pieces,
                    the last one empty
    to the service  None, or the Problem of the body, pickled
    to the fork     how to answer what was read, a function, pickled
    to the service  status and headers, pickled; then, without frames, the answer's bytes to the end
"""

import gc
import gzip
import os
import pickle
import signal
import socket
import sys
from collections.abc import Callable
from io import BufferedRWPair
from typing import Any

import orjson
from starlette.responses import Response

import app.api.inference
import app.api.predict  # noqa: F401 - these two are all that the functions of a batch need
from app.api.compression import COMPRESSION_LEVEL
from app.api.frames import length_of, read_frame
from app.errors import Problem, place_of


def main() -> None:
    """Fork for every connection that comes over standard input, until the service is gone."""
    control = socket.socket(fileno=sys.stdin.fileno())
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the system forgets forks that have ended
    gc.freeze()  # a fork's collections would copy these pages
    os.nice(5)  # where cores are few, whoever asks for one score goes first
    while True:
        _, connections, _, _ = socket.recv_fds(control, 1, 1)
        if not connections:
            return
        if os.fork() == 0:
            control.close()
            os._exit(_serve(connections[0]))
        os.close(connections[0])


def _serve(connection: int) -> int:
    """The exit code. A mistake is told on standard error, without its message: that may hold a record's value."""
    try:
        with socket.socket(fileno=connection) as ends, ends.makefile("rwb") as stream:
            _converse(stream)
    except (EOFError, ConnectionError):
        return 0  # nobody waits any more
    except Exception as error:
        line = {"event": "mistake", "level": "error", **place_of(error)}
        sys.stderr.buffer.write(orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE))
        sys.stderr.buffer.flush()
        return 1
    return 0


def _converse(stream: BufferedRWPair) -> None:
    read, packs = pickle.loads(read_frame(stream))
    try:
        records = read(b"".join(iter(lambda: read_frame(stream), b"")))
    except Problem as problem:
        _say(stream, problem)
        return
    _say(stream, None)
    respond: Callable[[Any], Response] = pickle.loads(read_frame(stream))
    answer = respond(records)
    if packs:
        answer = _packed(answer)
    _say(stream, (answer.status_code, answer.raw_headers))
    stream.write(answer.body)


def _packed(answer: Response) -> Response:
    """The same answer in gzip."""
    headers = dict(answer.headers) | {"Content-Encoding": "gzip", "Vary": "Accept-Encoding"}
    del headers["content-length"]
    return Response(gzip.compress(answer.body, COMPRESSION_LEVEL), answer.status_code, headers)


def _say(stream: BufferedRWPair, message: object) -> None:
    data = pickle.dumps(message)
    stream.write(length_of(data))
    stream.write(data)
    stream.flush()


if __name__ == "__main__":
    main()

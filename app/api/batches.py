"""Large bodies, read and scored in a process of their own, so that nobody waits for somebody else's batch.

A thread is not enough: while one thread reads a million records, every other request waits five milliseconds each time
it wants the interpreter, forty times as long as a score takes.
"""

import asyncio
import os
import pickle
import socket
import sys
from asyncio import StreamReader, StreamWriter
from asyncio.subprocess import Process
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

import app
from app.api.frames import length_of, receive_frame

_PIECE_BYTES = 256 * 1024
"""As much goes from one process to the other at once: a tenth of a millisecond."""
_ENVIRONMENT = {
    "OPENBLAS_NUM_THREADS": "1",  # with more threads it could not fork
    "OMP_NUM_THREADS": "1",
    # The process must find this very package, wherever the service was started from.
    "PYTHONPATH": str(Path(app.__file__).parents[1]),
}


class BatchDied(Exception):
    """The process of a batch was killed, or made a mistake, of which it has told on standard error."""


class Batches:
    """The process for large bodies, started with the first of them. As many bodies at a time as there are cores."""

    def __init__(self) -> None:
        self._process: tuple[socket.socket, Process] | None = None
        self._starting = asyncio.Lock()
        self._cores = asyncio.Semaphore(os.cpu_count() or 1)

    async def answer(
        self,
        body: AsyncIterator[bytes],
        read: Callable[[bytes], Any],
        responder: Callable[[], Callable[[Any], Response]],
        packs: bool,
    ) -> Response:
        """The answer to a body, compressed if it `packs`.

        `read` makes the records of the body's bytes; then what `responder` returns makes the answer of the records.
        Both are pickled: functions of modules that batch_process.py imports. Raises whatever they raise.
        """
        async with self._cores:
            stream, process = await self._fork()
            try:
                process.writelines(_framed(pickle.dumps((read, packs))))
                async for piece in body:
                    for begin in range(0, len(piece), _PIECE_BYTES):
                        process.writelines(_framed(memoryview(piece)[begin : begin + _PIECE_BYTES]))
                        await process.drain()
                process.writelines(_framed(b""))
                problem = pickle.loads(await receive_frame(stream))
                if problem is not None:
                    raise problem
                process.writelines(_framed(pickle.dumps(responder())))
                status, headers = pickle.loads(await receive_frame(stream))
            except BaseException as error:
                process.close()
                if isinstance(error, ConnectionError | EOFError):
                    async for _ in body:
                        pass  # who still sends would not hear the answer
                    raise BatchDied from error
                raise
        return _Answer(status, headers, stream, process)

    async def _fork(self) -> tuple[StreamReader, StreamWriter]:
        """The two ways to a new fork."""
        ours, theirs = socket.socketpair()
        with theirs:
            try:
                await self._give(theirs.fileno())
            except BaseException:
                ours.close()
                raise
        return await asyncio.open_connection(sock=ours, limit=_PIECE_BYTES)

    async def _give(self, connection: int) -> None:
        async with self._starting:
            if self._process is not None and self._process[1].returncode is not None:  # it was killed
                await self.close()
                self._process = None
            if self._process is None:
                self._process = await _started()
            socket.send_fds(self._process[0], [b"+"], [connection])

    async def close(self) -> None:
        """Let the process end."""
        if self._process is not None:
            control, process = self._process
            control.close()
            await process.wait()


async def _started() -> tuple[socket.socket, Process]:
    """A new process, and the way on which it is given connections."""
    ours, theirs = socket.socketpair()
    with theirs:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "app.api.batch_process",
            stdin=theirs.fileno(),
            env=os.environ | _ENVIRONMENT,
            start_new_session=True,  # Ctrl-C in the terminal is for the service, which answers what it has begun
        )
    return ours, process


def _framed(data: bytes | memoryview) -> tuple[bytes, bytes | memoryview]:
    return length_of(data), data


class _Answer(Response):
    """What a process answers, sent on piece by piece."""

    def __init__(self, status: int, headers: list[tuple[bytes, bytes]], stream: StreamReader, process: StreamWriter):
        self.status_code = status
        self.raw_headers = headers
        self._stream, self._process = stream, process

    async def __call__(self, _scope: Scope, _receive: Receive, send: Send) -> None:
        """Send it. A process that died makes it shorter than its Content-Length, which uvicorn takes for a mistake."""
        try:
            await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
            while piece := await self._stream.read(_PIECE_BYTES):
                await send({"type": "http.response.body", "body": piece, "more_body": True})
            await send({"type": "http.response.body", "body": b""})
        finally:
            self._process.close()

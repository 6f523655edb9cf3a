"""Large bodies, read and scored in a process of their own, so that nobody waits for somebody else's batch.

A thread is not enough: while one thread reads a million records, every other request waits five milliseconds each time
it wants the interpreter, forty times as long as a score takes.
"""

import asyncio
import os
import pickle
import socket
from asyncio.subprocess import Process
from collections.abc import AsyncIterator, Callable
from typing import Any

from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from app.api.http.frames import LENGTH_BYTES, length_of
from app.processes import start

_PIECE_BYTES = 64 * 1024
"""As much goes from one process to the other at once."""
_PAUSE_SECONDS = 0.002
"""After what uvicorn gives of an upload at once, 256 KiB, a third of a millisecond's work: without a pause every score
in the meantime would wait for it, so one in thirty does. A gigabit network does not bring it faster.
"""
_KEEP_FREED = {"MALLOC_MMAP_THRESHOLD_": str(8 << 20), "MALLOC_TRIM_THRESHOLD_": str(32 << 20)}
"""What a fork has freed of arrays up to 8 MiB, it takes again for the next block of rows, instead of page by page from
the system: a million CSV rows in .47 s instead of .59. It all goes back with the fork.
"""


class BatchDied(Exception):
    """The process of a batch was killed."""


class Batches:
    """The process for large bodies, started with the first of them. As many are worked on at a time as there are cores
    for this process.
    """

    def __init__(self) -> None:
        self._process: Process | None = None
        self._control: socket.socket
        self._starting = asyncio.Lock()
        cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
        self._slots = asyncio.Semaphore(cores or 1)

    async def answer(
        self,
        body: AsyncIterator[bytes],
        read: Callable[[bytes], Any],
        responder: Callable[[], Callable[[Any], Response]],
        compress: bool,
    ) -> ASGIApp:
        """The answer to a body, in gzip when it is to be compressed.

        `read` makes the records of the body's bytes; then what `responder` returns makes the answer of the records.
        Both are pickled: functions of modules that batch_process.py imports. Raises whatever they raise, and BatchDied.
        """
        try:
            fork = _Fork(await self._connection())
            try:
                await fork.send(pickle.dumps((read, compress)))
                async for piece in body:
                    for begin in range(0, len(piece), _PIECE_BYTES):
                        await fork.send(memoryview(piece)[begin : begin + _PIECE_BYTES])
                        await asyncio.sleep(0)  # who waits for one score goes between
                    await asyncio.sleep(_PAUSE_SECONDS)
                    del piece  # or it stays until the answer is there
                async with self._slots:
                    await fork.send(b"")
                    await fork.heard()
                    await fork.send(pickle.dumps(responder()))
                    status, headers = await fork.heard()
            except BaseException:
                fork.close()
                raise
        except (ConnectionError, EOFError) as error:
            async for _ in body:
                pass  # who still sends would not hear the answer
            raise BatchDied from error
        return _Answer(status, headers, fork)

    async def _connection(self) -> socket.socket:
        """To a new fork."""
        our_end, its_end = socket.socketpair()
        our_end.setblocking(False)
        with its_end:
            try:
                async with self._starting:
                    await self._hand_over(its_end)
            except BaseException:
                our_end.close()
                raise
        return our_end

    async def _hand_over(self, connection: socket.socket) -> None:
        if self._process is not None and self._process.returncode is not None:  # it was killed
            await self.close()
        if self._process is None:
            control, its_end = socket.socketpair()
            try:
                with its_end:
                    self._process = await start("app.batch_process", stdin=its_end.fileno(), environment=_KEEP_FREED)
            except BaseException:
                control.close()
                raise
            self._control = control
        socket.send_fds(self._control, [b"+"], [connection.fileno()])

    async def close(self) -> None:
        """Let the process end."""
        if self._process is not None:
            self._control.close()
            await self._process.wait()
            self._process = None


class _Fork:
    """A fork, as frames go to it and come from it. Raises ConnectionError and EOFError when it has died."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._loop = asyncio.get_running_loop()

    async def send(self, data: bytes | memoryview) -> None:
        await self._loop.sock_sendall(self._connection, length_of(data))
        if data:  # what ends a body is its length alone: the fork may have answered it by now, and hung up
            await self._loop.sock_sendall(self._connection, data)

    async def heard(self) -> Any:
        """What it says. Raises it when it was raised there."""
        length = int.from_bytes(await self._exactly(LENGTH_BYTES))
        message = pickle.loads(await self._exactly(length))
        if isinstance(message, Exception):
            raise message
        return message

    async def rest(self) -> bytes:
        """What there is of what it says without frames; nothing at the end."""
        return await self._loop.sock_recv(self._connection, _PIECE_BYTES)

    def close(self) -> None:
        self._connection.close()

    async def _exactly(self, count: int) -> bytes:
        received = b""
        while len(received) < count:
            if not (more := await self._loop.sock_recv(self._connection, count - len(received))):
                raise EOFError
            received += more
        return received


class _Answer:
    """What a fork answers, sent on piece by piece."""

    def __init__(self, status: int, headers: list[tuple[bytes, bytes]], fork: _Fork) -> None:
        self._start = {"type": "http.response.start", "status": status, "headers": headers}
        self._fork = fork

    async def __call__(self, _scope: Scope, _receive: Receive, send: Send) -> None:
        """Send it. A fork that dies makes it shorter than its Content-Length, which uvicorn takes for a mistake."""
        try:
            await send(self._start)
            while piece := await self._fork.rest():
                await send({"type": "http.response.body", "body": piece, "more_body": True})
            await send({"type": "http.response.body", "body": b""})
        finally:
            self._fork.close()

"""Large bodies, read and scored in a process of their own, so that nobody waits for somebody else's batch.

A thread is not enough: while one thread reads a million records, every other request waits five milliseconds each time
it wants the interpreter, forty times as long as a score takes.
"""

import asyncio
import os
import pickle
import socket
from asyncio import StreamReader, StreamWriter
from asyncio.subprocess import Process
from collections.abc import AsyncIterator, Callable
from typing import Any

from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from app.api.frames import length_of, receive_frame
from app.processes import start

_PIECE_BYTES = 256 * 1024
"""As much goes from one process to the other at once: a tenth of a millisecond."""


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
            reader, writer = await self._fork()
            try:
                _send(writer, pickle.dumps((read, compress)))
                async for piece in body:
                    for begin in range(0, len(piece), _PIECE_BYTES):
                        _send(writer, memoryview(piece)[begin : begin + _PIECE_BYTES])
                        await writer.drain()
                    del piece  # or it stays until the answer is there
                async with self._slots:
                    _send(writer, b"")
                    await _heard(reader)
                    _send(writer, pickle.dumps(responder()))
                    status, headers = await _heard(reader)
            except BaseException:
                writer.close()
                raise
        except (ConnectionError, EOFError) as error:
            async for _ in body:
                pass  # who still sends would not hear the answer
            raise BatchDied from error
        return _Answer(status, headers, reader, writer)

    async def _fork(self) -> tuple[StreamReader, StreamWriter]:
        """What a new fork says, and what is said to it."""
        our_end, its_end = socket.socketpair()
        with its_end:
            try:
                async with self._starting:
                    await self._hand_over(its_end)
            except BaseException:
                our_end.close()
                raise
        return await asyncio.open_connection(sock=our_end, limit=_PIECE_BYTES)

    async def _hand_over(self, connection: socket.socket) -> None:
        if self._process is not None and self._process.returncode is not None:  # it was killed
            await self.close()
        if self._process is None:
            self._control, its_end = socket.socketpair()
            with its_end:
                self._process = await start("app.api.batch_process", stdin=its_end.fileno())
        socket.send_fds(self._control, [b"+"], [connection.fileno()])

    async def close(self) -> None:
        """Let the process end."""
        if self._process is not None:
            self._control.close()
            await self._process.wait()
            self._process = None


def _send(writer: StreamWriter, data: bytes | memoryview) -> None:
    writer.write(length_of(data))
    writer.write(data)


async def _heard(reader: StreamReader) -> Any:
    """What a fork says. Raises it when it was raised there."""
    message = pickle.loads(await receive_frame(reader))
    if isinstance(message, Exception):
        raise message
    return message


class _Answer:
    """What a fork answers, sent on piece by piece."""

    def __init__(self, status: int, headers: list[tuple[bytes, bytes]], reader: StreamReader, writer: StreamWriter):
        self._start = {"type": "http.response.start", "status": status, "headers": headers}
        self._reader, self._writer = reader, writer

    async def __call__(self, _scope: Scope, _receive: Receive, send: Send) -> None:
        """Send it. A fork that dies makes it shorter than its Content-Length, which uvicorn takes for a mistake."""
        try:
            await send(self._start)
            while piece := await self._reader.read(_PIECE_BYTES):
                await send({"type": "http.response.body", "body": piece, "more_body": True})
            await send({"type": "http.response.body", "body": b""})
        finally:
            self._writer.close()

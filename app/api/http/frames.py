"""The frames that the service and the process of a batch exchange: eight bytes of length, then so many bytes."""

from io import BufferedRWPair

LENGTH_BYTES = 8


def length_of(data: bytes | memoryview) -> bytes:
    """What goes before the data of a frame."""
    return len(data).to_bytes(LENGTH_BYTES)


def read_frame(stream: BufferedRWPair) -> bytes:
    """The data of the next frame. Raises EOFError when the stream ends before it does."""
    return _exactly(stream, int.from_bytes(_exactly(stream, LENGTH_BYTES)))


def _exactly(stream: BufferedRWPair, count: int) -> bytes:
    data = stream.read(count)
    if len(data) < count:
        raise EOFError
    return data

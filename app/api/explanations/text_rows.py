"""Pieces of text side by side, n rows one after another.

Every piece of a row is bytes that exist already, and to join them takes 10 ns a piece. So there should be few of them:
what is the same in all rows goes along with a neighbour that recurs.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from app.api.explanations.text_columns import Picked, Piece, numbers
from app.network.parameters import Array
from app.network.rows import blocks

_JOINED_ROWS = 512
_FEW = 256

Column = bytes | list[bytes]
"""The same in every row, or one for each."""

_Numbers = tuple[Array, ...]
"""Numbers with commas between."""


def laid_out(pieces: Iterable[Piece]) -> list[Column]:
    """Pieces that follow one another in each of the rows, as few columns."""
    joined: list[bytes | list[bytes] | _Numbers | Picked] = []
    for piece in pieces:
        last = joined[-1] if joined else None
        if isinstance(piece, bytes) and isinstance(last, bytes):
            joined[-1] = last + piece
        elif isinstance(piece, bytes) and isinstance(last, Picked):
            joined[-1] = replace(last, after=last.after + piece)
        elif isinstance(piece, Picked) and isinstance(last, bytes):
            joined[-1] = replace(piece, before=last + piece.before)
        elif isinstance(piece, Picked) and isinstance(last, Picked) and len(last.texts) * len(piece.texts) <= _FEW:
            joined[-1] = _beside(last, piece)
        elif not isinstance(piece, np.ndarray):
            joined.append(piece)
        elif last == b"," and len(joined) > 1 and isinstance(joined[-2], tuple):
            joined[-2:] = [(*joined[-2], piece)]
        else:
            joined.append((piece,))
    return [_column(piece) for piece in joined]


def _beside(first: Picked, second: Picked) -> Picked:
    """Two pieces of few texts as one."""
    pairs = [one + other for one in first.framed for other in second.framed]
    return Picked(pairs, first.places * len(second.texts) + second.places)


def _column(piece: bytes | list[bytes] | _Numbers | Picked) -> Column:
    if isinstance(piece, Picked):
        return piece.rows
    if isinstance(piece, tuple):
        return numbers(piece[0] if len(piece) == 1 else np.column_stack(piece))
    return piece


def among(pieces: Iterable[Piece], rows: NDArray[np.intp], n: int, nothing: bytes) -> Iterable[Piece]:
    """Pieces of some of n rows as pieces of all, with `nothing` in the others."""
    if len(rows) == n:
        return pieces
    texts, places = [nothing], np.zeros(n, dtype=np.intp)
    if len(rows):
        texts += b"".join(rows_of([*pieces, b"\n"], len(rows)))[:-1].split(b"\n")  # no line ends within a piece
        places[rows] = np.arange(1, len(texts))
    return [Picked(texts, places)]


def rows_of(pieces: Iterable[Piece], n: int) -> Iterator[bytes]:
    """The rows, some at a time, because a join keeps 80 bytes for each piece that it joins, and to touch new memory
    takes longer than to fill it.
    """
    columns = laid_out(pieces)
    width = len(columns)
    for rows in blocks(n, _JOINED_ROWS):
        some = min(rows.stop, n) - rows.start
        laid = [b""] * (width * some)
        for k, column in enumerate(columns):
            laid[k::width] = [column] * some if isinstance(column, bytes) else column[rows]
        yield b"".join(laid)


def answer_of(parts: Sequence[bytes]) -> memoryview:
    """The parts of a long answer, one after another. NumPy asks for memory in large pages; with small ones to get ten
    megabytes takes as long as to write them.
    """
    whole = np.concatenate([np.frombuffer(part, np.uint8) for part in parts])
    return whole.data

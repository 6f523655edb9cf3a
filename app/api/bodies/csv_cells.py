"""A column of text, as the cells of a CSV file write it.

A million Python strings are 66 MB and 60 ns each to make. The ids of a CSV body are only sent back, so they stay where
they are in the bytes of the body, and this says where that is.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Bytes = NDArray[np.uint8]
Places = NDArray[np.integer[Any]]

_TO_QUOTE = re.compile('[,"\r\n]')


@dataclass(frozen=True, eq=False)
class CsvCells:
    """Cell i is the `lengths[i]` bytes of `source` from `starts[i]` on, quoted where CSV wants it. Starts ascend."""

    source: bytes
    starts: Places
    lengths: Places

    def __len__(self) -> int:
        return len(self.starts)

    def written(self, rows: slice) -> list[bytes]:
        """Some of the cells as they are written, quotes included."""
        starts, lengths = self.starts[rows], self.lengths[rows]
        return [self.source[start:end] for start, end in zip(starts.tolist(), (starts + lengths).tolist(), strict=True)]

    @classmethod
    def of(cls, texts: Iterable[str]) -> CsvCells:
        """Cells of texts that are not quoted yet."""
        cells = [quoted(text).encode() for text in texts]
        lengths = np.fromiter(map(len, cells), np.int64, len(cells))
        return cls(b"".join(cells), lengths.cumsum() - lengths, lengths)

    @classmethod
    def joined(cls, blocks: Sequence[CsvCells]) -> CsvCells:
        """The cells of all blocks, one after another."""
        begins = np.cumsum([0, *(len(block.source) for block in blocks[:-1])])
        return cls(
            b"".join(block.source for block in blocks),
            np.concatenate([block.starts + begin for block, begin in zip(blocks, begins, strict=True)]),
            np.concatenate([block.lengths for block in blocks]),
        )


def pieces(source: Bytes, starts: Places, lengths: Places) -> Bytes:
    """The pieces of a source, one after another: byte k of the result is byte k + shift of the source, and the shift is
    the same all through a piece.
    """
    ends = lengths.cumsum()
    places: Places = np.repeat(starts - (ends - lengths), lengths)
    places += np.arange(len(places))
    return source.take(places)


def quoted(text: str) -> str:
    """As RFC 4180 quotes. By hand: csv.writer before Python 3.13 leaves a carriage return bare."""
    return '"' + text.replace('"', '""') + '"' if _TO_QUOTE.search(text) else text

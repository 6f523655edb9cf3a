"""How many rows lie near an employee: those of all points that have every input within its reach.

In one input, the points that reach a value are the same from one end of a reach to the next: k ends leave k+1 sets,
which are made once. An employee's set is what one set an input have in common. Sets are bits, eight a byte: 32 bytes
for 256 points, where distances would be 256 numbers.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from app.network.parameters import Array
from app.network.rows import blocks

_CHUNK_ROWS = 1 << 12
"""Employees at a time: with some 400 bytes each, 2 MB."""

_STAGE = 8
"""Bytes of a set after which those who have enough similar rows are left out: mostly nine of ten are."""


@dataclass(frozen=True, eq=False)
class Similar:
    """points (m, d); stands_for (m,), how many rows each is; reach (d,), how far to each side, both ends included."""

    points: Array
    stands_for: Array
    reach: Array

    def fewer(self, inputs: Array, than: float) -> NDArray[np.bool_]:
        """Whether fewer rows than so many are similar to each of inputs (n, d) -> (n,)."""
        fewer = np.zeros(len(inputs), dtype=np.bool_)
        for part in blocks(len(inputs), _CHUNK_ROWS):
            fewer[part][self._chunk(inputs[part].T, than)] = True
        return fewer

    def fewer_of_one(self, x: list[float], than: float) -> bool:
        """The same for one (d,): the sum goes on in the same order until it is enough."""
        reaches, rows_of = self._for_one
        near = -1
        for i, (edges, sets) in enumerate(reaches):
            near &= sets[bisect_left(edges, x[i])]
        total = 0.0
        for i, byte in enumerate(near.to_bytes(len(rows_of), "big")):
            total += rows_of[i][byte]
            if total >= than:
                return False
        return True

    def _chunk(self, X: Array, than: float) -> NDArray[np.intp]:
        """Who of columns X (d, n) has fewer."""
        reaches, rows_of = self._reaches
        near = np.full((X.shape[1], len(rows_of)), 255, dtype=np.uint8)
        for x, (edges, sets) in zip(X, reaches, strict=True):
            order = np.argsort(
                x
            )  # in order the search finds each value near the last: five times faster, sorting included
            place = np.empty_like(order)
            place[order] = np.searchsorted(edges, x[order])
            near &= sets.take(place, axis=0)
        who, total = np.arange(X.shape[1]), np.zeros(X.shape[1])
        for stage in blocks(len(rows_of), _STAGE):
            for byte, rows in zip(near[:, stage][who].T.astype(np.intp), rows_of[stage], strict=True):
                total += rows.take(byte)
            wanting = total < than
            who, total = who[wanting], total[wanting]
        return who

    @cached_property
    def _reaches(self) -> tuple[list[tuple[Array, NDArray[np.uint8]]], Array]:
        """For each input the edges (k,) of the points' reaches and, for a value above so many of them, the set of the
        points that reach it (k+1, ⌈m/8⌉); and how many rows the points of each byte stand for (⌈m/8⌉, 256).
        """
        m = len(self.points)
        reaches = []
        for values, reach in zip(self.points.T, self.reach, strict=True):
            # Both ends belong to the reach: x ≥ low where x is above the number before low.
            low, high = np.nextafter(values - reach, -np.inf), values + reach
            # The places only keep np.unique from importing numpy.ma, a megabyte that nothing else needs.
            edges, _ = np.unique(np.concatenate([low, high]), return_index=True)
            reached = np.zeros((len(edges) + 1, m), dtype=np.bool_)
            reached[1:] = (low <= edges[:, None]) & (high > edges[:, None])
            reaches.append((edges, np.packbits(reached, axis=1)))
        rows = np.zeros(-(-m // 8) * 8)
        rows[:m] = self.stands_for
        bits = np.unpackbits(np.arange(256, dtype=np.uint8)[:, None], axis=1)  # (256, 8)
        return reaches, rows.reshape(-1, 8) @ bits.T

    @cached_property
    def _for_one(self) -> tuple[list[tuple[list[float], list[int]]], list[list[float]]]:
        """The same as Python's own numbers, a set of points as one integer."""
        reaches, rows_of = self._reaches
        sets = [[int.from_bytes(row.tobytes(), "big") for row in sets] for _, sets in reaches]
        return list(zip([edges.tolist() for edges, _ in reaches], sets, strict=True)), rows_of.tolist()

"""Where the nearest point of a lattice of two inputs is that has the other decision, counted in steps.

    distance² = (k₁·step₁/deviation₁)² + (k₂·step₂/deviation₂)²

It comes from the counts and not from the difference of two rounded values, so that the same number of steps is equally
far from everywhere. Of several points equally far the one with the lower first input wins, then the one with the lower
second.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from app.insight.changes.found import Steps
from app.network.parameters import Array, Mask

_Counts = NDArray[np.int32]

_NOWHERE = 1 << 20
"""More steps than any lattice has: there is no such point."""


def of_all(promoted: Mask, targets: tuple[Mask, Mask], lengths: tuple[float, ...], may_fall: tuple[bool, ...]) -> Steps:
    """The steps (n₁, n₂, 4) from every point of a lattice (n₁, n₂).

    targets: where those who are not promoted may go, and those who are.
    """
    steps = np.zeros((*promoted.shape, 4), dtype=np.int16)
    for target, sources in zip(targets, (~promoted, promoted), strict=True):
        alone = np.stack([_along(target.T, may_fall[0]).T, _along(target, may_fall[1])], axis=-1)
        both = _together(target, sources, alone[..., 1], lengths, may_fall[0])
        alone[np.abs(alone) >= _NOWHERE // 2] = 0
        both[(both == 0).any(axis=-1)] = 0
        steps[sources] = np.concatenate([alone, both], axis=-1)[sources]
    return steps


def _along(target: Mask, may_fall: bool) -> _Counts:
    """Steps along the second axis from every point (r, n) to the nearest of the target; _NOWHERE/2 or more if none."""
    here = np.arange(target.shape[1], dtype=np.int32)
    up: _Counts = np.minimum.accumulate(np.where(target, here, _NOWHERE)[:, ::-1], axis=1)[:, ::-1] - here
    if not may_fall:
        return up
    down = here - np.maximum.accumulate(np.where(target, here, -_NOWHERE), axis=1)
    return np.where(down <= up, -down, up)


def _together(target: Mask, sources: Mask, along: _Counts, lengths: tuple[float, ...], may_fall: bool) -> _Counts:
    """Steps (n₁, n₂, 2) to the nearest of the target from the sources; 0, 0 where there is none.

    Every row d₁ steps away offers its own nearest, `along` it: the least of all is found after as many rows as it
    takes until d₁ alone is farther than the worst of the best, mostly a few.
    """
    squared = np.where(np.abs(along) >= _NOWHERE // 2, np.inf, (along * lengths[1]) ** 2)
    best = np.where(sources, squared, -1.0)
    rows = np.flatnonzero(target.any(axis=1))
    if not may_fall:
        best[rows[-1] + 1 if rows.size else 0 :] = -1.0  # nothing above: they would never be done
    shift = np.zeros(target.shape, dtype=np.int32)
    for d in range(1, len(target)):
        apart = (d * lengths[0]) ** 2
        if apart > best.max():
            break
        if may_fall:
            offer = squared[:-d] + apart
            nearer = (offer <= best[d:]) & (offer < np.inf)
            np.copyto(best[d:], offer, where=nearer)
            np.copyto(shift[d:], -d, where=nearer)
        offer = squared[d:] + apart
        nearer = offer < best[:-d]
        np.copyto(best[:-d], offer, where=nearer)
        np.copyto(shift[:-d], d, where=nearer)
    there = np.arange(len(target))[:, None] + shift
    across = along[there, np.arange(target.shape[1])]
    return np.where((best < np.inf)[..., None], np.stack([shift, across], axis=-1), 0)


def highest(probability: Array, may_fall: tuple[bool, ...]) -> Array:
    """The greatest probability (n₁, n₂) that can be reached from every point, where it stands included."""
    greatest = probability
    for axis, falls in enumerate(may_fall):
        if falls:
            greatest = greatest.max(axis=axis, keepdims=True)
        else:
            greatest = np.flip(np.maximum.accumulate(np.flip(greatest, axis), axis=axis), axis)
    return np.broadcast_to(greatest, probability.shape)  # not a copy: a row has one value where all of it is reached

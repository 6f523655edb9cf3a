"""Does the score always rise (or always fall) with an input over the whole range of the data? Proved, not sampled.

    ∂z/∂xᵢ = Σₖ wₖ·wᵢₖ·aₖ(1 − aₖ)         (ŷ = σ(z) rises where z does)

Does it rise anywhere, and does it fall anywhere? For each question the box of the data's ranges is halved again and
again, and over each part the slope is bounded by interval arithmetic (R. E. Moore, "Interval Analysis", 1966): zₖ,
linear, has its extremes at corners, and σ'(z) = a(1 − a) falls with |z|. A part is done with when its bound rules the
sign out; a slope of that sign in the middle of a part is the proof that it occurs. Where all wₖwᵢₖ have one sign the
first bound is enough.

Slopes are counted in logits over the input's whole range. One of FLAT or less in size is neither a rise nor a fall:
along it the probability would change by at most .0025 from one end of the range to the other.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from app.network.parameters import Array, Parameters

Direction = Literal["rising", "falling", "constant", "neither"]

FLAT = 0.01

_MOST_PARTS = 50_000
"""Parts looked at, at most: a slope that touches −FLAT along a line without crossing it could be halved for ever."""

_ROUNDING = 1e-12


@dataclass(frozen=True, eq=False)
class Monotonicity:
    """How ŷ goes with one input over a box.

    direction  "neither" when slopes of both signs occur
    proved     False when the parts were used up: no slope of the other sign was found, nor ruled out everywhere
    rise, fall a point (d,) in raw units where the slope has that sign, None where there is none
    """

    direction: Direction
    proved: bool
    rise: Array | None
    fall: Array | None


def slope(parameters: Parameters, i: int, inputs: Array) -> Array:
    """∂z/∂xᵢ at inputs (n, d) in raw units -> (n,), in logits per raw unit."""
    if parameters.hidden is None or parameters.hidden_bias is None:
        return np.full(len(inputs), parameters.output[i])
    weights, bias = parameters.hidden, parameters.hidden_bias
    along: Array = _bell(inputs @ weights + bias) @ (parameters.output * weights[i])
    return along


def monotonicity(parameters: Parameters, i: int, low: Array, high: Array) -> Monotonicity:
    """How ŷ goes with input i while the inputs are anywhere between low (d,) and high (d,), in raw units."""
    reach = high - low
    if parameters.hidden is None or parameters.hidden_bias is None:
        change = float(parameters.output[i] * reach[i])
        return _verdict(low if change > FLAT else None, low if change < -FLAT else None, proved=True)
    steep = parameters.hidden * reach[:, None]  # (d, h): the box as the unit cube
    pull = parameters.output * steep[i]  # wₖwᵢₖ
    bias = parameters.hidden_bias + low @ parameters.hidden
    rise, no_more_rises = _beyond(steep, bias, pull)
    fall, no_more_falls = _beyond(steep, bias, -pull)
    points = [None if point is None else low + reach * point for point in (rise, fall)]
    return _verdict(*points, proved=no_more_rises and no_more_falls)


def _verdict(rise: Array | None, fall: Array | None, *, proved: bool) -> Monotonicity:
    direction: Direction = "constant"
    if rise is not None:
        direction = "rising" if fall is None else "neither"
    elif fall is not None:
        direction = "falling"
    return Monotonicity(direction, proved, rise, fall)


def _beyond(steep: Array, bias: Array, pull: Array) -> tuple[Array | None, bool]:
    """Where in the unit cube (d,) Σₖ pullₖ·σ'(zₖ) > FLAT, and whether that is settled: None, True proves nowhere."""
    d = len(steep)
    middle, half = np.full((1, d), 0.5), np.full((1, d), 0.5)
    seen = 0
    while len(middle):
        seen += len(middle)
        if seen > _MOST_PARTS:
            return None, False
        here = _bell(middle @ steep + bias) @ pull
        steepest = int(here.argmax())
        if here[steepest] > FLAT:
            return middle[steepest], True
        open_ended = _at_most(steep, bias, pull, middle, half) > FLAT + _ROUNDING
        middle, half = _halved(middle[open_ended], half[open_ended], steep, pull)
    return None, True


def _at_most(steep: Array, bias: Array, pull: Array, middle: Array, half: Array) -> Array:
    """A bound (B,) that Σₖ pullₖ·σ'(zₖ) nowhere exceeds in the parts middle ± half (B, d)."""
    z = np.abs(middle @ steep + bias)  # (B, h)
    spread = half @ np.abs(steep)
    most, least = _bell(np.maximum(z - spread, 0.0)), _bell(z + spread)
    bound: Array = most @ np.maximum(pull, 0.0) + least @ np.minimum(pull, 0.0)
    return bound


def _bell(z: Array) -> Array:
    """σ'(z) = a(1 − a)."""
    t = np.exp(-np.abs(z))
    bell: Array = t / (1.0 + t) ** 2
    return bell


def _halved(middle: Array, half: Array, steep: Array, pull: Array) -> tuple[Array, Array]:
    """Each part as two, cut across the input along which the units' zₖ differ most in it."""
    every, along = np.arange(len(half)), (half * (np.abs(steep) @ np.abs(pull))).argmax(axis=1)
    half = half.copy()
    half[every, along] *= 0.5
    step = np.zeros_like(half)
    step[every, along] = half[every, along]
    return np.concatenate([middle - step, middle + step]), np.concatenate([half, half])

"""Plain decimals, all cells of a column at once, with the very bits of Python's float().

A decimal of at most fifteen digits is a whole number below 2⁵³ over a power of ten below 10²², both of which a double
holds exactly, so that their quotient, rounded once, is the double nearest to it (W. D. Clinger, "How to read floating
point numbers accurately", PLDI 1990). A few array operations a character are 15 to 20 ns a number; numpy.loadtxt takes
40 to 160, as the processor is.
"""

from __future__ import annotations

import numpy as np

from app.api.bodies.csv_cells import Bytes, Places
from app.network.parameters import Array

_MOST_DIGITS = 15
_ZERO = np.uint8(ord("0"))
_POINT = np.uint8(ord(".") - ord("0") + 256)
"""Less _ZERO, as a byte."""
_POWERS_OF_TEN = 10.0 ** np.arange(_MOST_DIGITS + 1)


def read_decimals(text: Bytes, starts: Places, lengths: Places) -> Array | None:
    """The numbers in the cells (n,); None unless each has up to fifteen digits, perhaps a point, and nothing else."""
    if lengths.max() > _MOST_DIGITS + 1:
        return None
    number = np.zeros(len(starts), np.int64)
    digits, behind = np.zeros((2, len(starts)), np.int8)
    point, short = np.zeros(len(starts), np.bool_), lengths.astype(np.int8)
    for k in range(lengths.max()):
        figure = text.take(starts + k, mode="clip") - _ZERO  # bytes: what is below zero is far above nine
        inside = short > k
        digit = (figure < 10) & inside
        number = np.where(digit, number * 10 + figure, number)
        digits += digit
        behind += digit & point
        point |= (figure == _POINT) & inside
    if (digits == 0).any() or (digits > _MOST_DIGITS).any() or (digits + point != short).any():
        return None
    decimals: Array = number / _POWERS_OF_TEN[behind]
    return decimals

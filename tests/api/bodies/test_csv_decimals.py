"""Plain decimals of a column: the very bits of float(), and nothing else taken."""

import re

import numpy as np
from hypothesis import example, given
from hypothesis import strategies as st

from app.api.bodies.csv_decimals import read_decimals

plain = st.one_of(
    st.from_regex(re.compile(r"[0-9]{1,15}\.?", re.ASCII), fullmatch=True),
    st.from_regex(re.compile(r"[0-9]{0,7}\.[0-9]{1,8}", re.ASCII), fullmatch=True),
    st.integers(0, 10**15 - 1).map(str),
)
other = st.one_of(
    st.sampled_from(["", ".", "..", "1.2.3", "-1", "+1", "1e5", " 1", "1 ", "/", ":", "1/", "0" * 16, "½", "1_0"]),
    st.floats(0, 80).map(repr).filter(lambda text: len(text) > 16),
    st.text(max_size=5).filter(lambda text: not re.fullmatch(r"[0-9]+\.?[0-9]*|\.[0-9]+", text)),
)


def read(cells):
    """Between other digits and points, which are no part of them."""
    encoded = [cell.encode() for cell in cells]
    text = np.frombuffer(b"".join(b"7." + cell + b",9" for cell in encoded), np.uint8)
    lengths = np.array([len(cell) for cell in encoded])
    return read_decimals(text, np.cumsum(lengths + 4) - lengths - 2, lengths)


@given(st.lists(plain, min_size=1, max_size=20))
@example(["9007199254740.93", "0.00000000000001", "123456789012345", "5.", ".5", "000000000000007"])
def test_the_bits_are_those_of_float(cells):
    assert read(cells).tobytes() == np.array([float(cell) for cell in cells]).tobytes()


@given(st.lists(plain, max_size=5), other, st.lists(plain, max_size=5))
def test_nothing_else_is_taken(before, wrong, behind):
    assert read([*before, wrong, *behind]) is None

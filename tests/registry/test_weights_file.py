"""The weights file: a safetensors file, the same bytes for the same weights, and back bit for bit."""

import hashlib
import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.digest import digest
from app.network.parameters import Parameters
from app.registry.weights_file import decode, encode

finite = st.floats(allow_nan=False, allow_infinity=False)


@st.composite
def parameters(draw):
    d, h = draw(st.integers(1, 4)), draw(st.integers(0, 4))
    row = lambda n: np.array(draw(st.lists(finite, min_size=n, max_size=n)))  # noqa: E731
    if h == 0:
        return Parameters(None, None, row(d), draw(finite))
    return Parameters(np.array([row(h) for _ in range(d)]), row(h), row(h), draw(finite))


def bits(p):
    parts = (p.hidden, p.hidden_bias, p.output, np.array(p.output_bias))
    return [None if part is None else (part.shape, part.astype("<f8").tobytes()) for part in parts]


@given(parameters())
def test_a_round_trip_is_exact(p):
    assert bits(decode(encode(p))) == bits(p)
    assert encode(decode(encode(p))) == encode(p)
    assert decode(encode(p)).kind == p.kind


def test_the_format_is_safetensors_in_row_order():
    file = encode(Parameters(np.array([[1.0, 2], [3, 4]]).T, np.array([5.0, 6]), np.array([7.0, 8]), 9.0))
    size = int.from_bytes(file[:8], "little")
    header, data = json.loads(file[8 : 8 + size]), file[8 + size :]
    tensors = {
        name: (entry["dtype"], entry["shape"], np.frombuffer(data[slice(*entry["data_offsets"])], "<f8").tolist())
        for name, entry in header.items()
    }
    assert tensors == {
        "hidden": ("F64", [2, 2], [1, 3, 2, 4]),
        "hidden_bias": ("F64", [2], [5, 6]),
        "output": ("F64", [2], [7, 8]),
        "output_bias": ("F64", [], [9]),
    }


def test_the_digest_is_sha_256():
    assert digest(b"abc") == "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert digest(b"") == "sha256:" + hashlib.sha256().hexdigest()


@pytest.mark.parametrize("cut", [0, 7, 20, -1])
def test_a_file_that_was_cut_is_no_weights_file(cut):
    file = encode(Parameters(None, None, np.array([1.0, 2]), 3.0))
    with pytest.raises(Exception, match=r"(?i)header|buffer|incomplete|invalid"):
        decode(file[:cut])

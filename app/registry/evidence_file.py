"""What a version's scores are explained with, as it is stored: the SHA-256 of a safetensors file of float64 tensors,
then the file.
"""

from collections.abc import Mapping
from hashlib import sha256

import numpy as np
from safetensors.numpy import load, save

from app.insight.evidence.evidence import Evidence, from_tensors
from app.network.parameters import Array

_DIGEST_BYTES = 32


def encode(tensors: Mapping[str, Array]) -> bytes:
    """The bytes of the named tensors of an evidence; the same tensors give the same bytes."""
    file = save({name: np.array(tensor, order="C") for name, tensor in tensors.items()})
    return sha256(file).digest() + file


def decode(stored: bytes) -> Evidence | None:
    """The evidence whose tensors were encoded, bit for bit; None when it was damaged."""
    digest, file = stored[:_DIGEST_BYTES], stored[_DIGEST_BYTES:]
    return from_tensors(load(file)) if sha256(file).digest() == digest else None

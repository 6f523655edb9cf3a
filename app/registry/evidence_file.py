"""What a version's scores are explained with, as it is stored: a safetensors file of float64 tensors."""

import numpy as np
from safetensors.numpy import load, save

from app.insight.evidence import Evidence, from_tensors, tensors


def encode(evidence: Evidence) -> bytes:
    """The file's bytes; the same evidence gives the same bytes."""
    return save({name: np.array(tensor, order="C") for name, tensor in tensors(evidence).items()})


def decode(file: bytes) -> Evidence:
    """The evidence in a file of `encode`, bit for bit."""
    return from_tensors(load(file))

"""The weights as they are stored and served: a safetensors file of float64 tensors in the units of the raw inputs.

two_layer      hidden (inputs, hidden_units), hidden_bias (hidden_units,), output (hidden_units,), output_bias ()
single_neuron  output (inputs,), output_bias ()
"""

import numpy as np
from safetensors.numpy import load, save

from app.network.parameters import Parameters


def encode(parameters: Parameters) -> bytes:
    """The file's bytes; the same parameters give the same bytes."""
    tensors = {"output": parameters.output, "output_bias": np.array(parameters.output_bias)}
    if parameters.hidden is not None and parameters.hidden_bias is not None:
        tensors |= {"hidden": parameters.hidden, "hidden_bias": parameters.hidden_bias}
    return save({name: np.array(tensor, order="C") for name, tensor in tensors.items()})


def decode(file: bytes) -> Parameters:
    """The parameters in a file of `encode`, bit for bit."""
    tensors = load(file)
    return Parameters(
        hidden=tensors.get("hidden"),
        hidden_bias=tensors.get("hidden_bias"),
        output=tensors["output"],
        output_bias=float(tensors["output_bias"]),
    )

"""∇z, how the logit of a published network moves with each of its weights, by the weights for standardised inputs.

The equations are loss.py's; θ and its order are Layout's. Published weights are for raw inputs. The prior and the
posterior are of the weights for standardised inputs.
"""

from __future__ import annotations

import numpy as np

from app.network.forward import activations
from app.network.layout import Layout
from app.network.parameters import Array, Parameters
from app.network.standardise import Scale


def slopes(parameters: Parameters, X: Array, scale: Scale) -> Array:
    """∇z (P, m) of rows as raw columns X (d, m), by the weights for standardised inputs; see loss.py."""
    layout = layout_of(parameters)
    d = layout.d
    if parameters.hidden is None or parameters.hidden_bias is None:
        gradient = np.ones((layout.size, X.shape[1]))
        scale.standardised(X, out=gradient[:d])
        return gradient
    gradient = np.empty((layout.size, X.shape[1]))
    standard = scale.standardised(X)
    a = activations(parameters.hidden, parameters.hidden_bias, X)
    gradient[layout.hidden_size : -1] = a
    gradient[-1] = 1.0
    for k, w in enumerate(parameters.output):
        unit = gradient[k * (d + 1) : (k + 1) * (d + 1)]
        steep = np.subtract(1.0, a[k], out=unit[d])
        steep *= a[k]
        steep *= w  # wₖ·aₖ(1 − aₖ)
        np.multiply(steep, standard, out=unit[:d])
    return gradient


def layout_of(parameters: Parameters) -> Layout:
    """Where its weights stand in θ."""
    return Layout(parameters.inputs, 0 if parameters.hidden is None else len(parameters.output))

"""Employees for the clients of the Open Inference Protocol, and what /predict says of them."""

import numpy as np

INPUTS = np.array([[6.5, 82], [0, 0], [80, 100], [7, 75], [12.25, 61.5]])
WHOLE = INPUTS.astype(np.int64)
DTYPES = {"FP64": np.float64, "FP32": np.float32, "INT64": np.int64, "INT32": np.int32}


def predicted(server, inputs):
    """Inputs (n, 2) -> probabilities and decisions (n)."""
    predictions = server.predict(*inputs.tolist()).json()["predictions"]
    return [scored["probability"] for scored in predictions], [scored["promote"] for scored in predictions]

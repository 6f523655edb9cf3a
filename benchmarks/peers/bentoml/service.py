"""The network behind BentoML: rows as a NumPy array in, the probability of each out.

As BentoML's guide serves a scikit-learn model: one array for all rows, which is also its way for many. One worker, no
line in a log for each request, and `async`, because a hop to a thread costs more than the network. Its adaptive
batching (`batchable=True`) is left out: one record a request was no faster with it, and many were slower.
"""

from typing import Annotated

import bentoml
import joblib
import numpy as np
from bentoml.validators import DType, Shape


@bentoml.service(workers=1, logging={"access": {"enabled": False}})
class Promotion:
    """POST /predict."""

    def __init__(self) -> None:
        self.network = joblib.load("model.joblib")

    @bentoml.api
    async def predict(self, employees: Annotated[np.ndarray, DType("float64"), Shape((-1, 2))]) -> np.ndarray:
        """Years and score of each employee -> its probability."""
        return self.network.predict_proba(employees)[:, 1]

"""The network behind plain FastAPI and onnxruntime: records in, the probability of each out.

`async`, because a hop to a thread costs more than the network.
"""

import numpy as np
import onnxruntime
from fastapi import FastAPI
from pydantic import BaseModel

app = FastAPI()
options = onnxruntime.SessionOptions()
options.intra_op_num_threads = 1
network = onnxruntime.InferenceSession("model.onnx", options, providers=["CPUExecutionProvider"])


class Employee(BaseModel):
    """One record."""

    years_of_experience: float
    performance_score: float


class Employees(BaseModel):
    """The body of a request."""

    employees: list[Employee]


class Predictions(BaseModel):
    """The answer."""

    probabilities: list[float]


@app.post("/predict")
async def predict(body: Employees) -> Predictions:
    """The probability of each employee."""
    x = np.array([[e.years_of_experience, e.performance_score] for e in body.employees])
    (probabilities,) = network.run(["probabilities"], {"employees": x})
    return Predictions(probabilities=probabilities.tolist())

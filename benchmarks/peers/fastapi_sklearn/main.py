"""The network behind plain FastAPI and scikit-learn: records in, the probability of each out.

`async`, because a hop to a thread costs more than the network.
"""

import joblib
import numpy as np
from fastapi import FastAPI
from pydantic import BaseModel

app = FastAPI()
network = joblib.load("model.joblib")


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
    return Predictions(probabilities=network.predict_proba(x)[:, 1].tolist())

"""What FastAPI users would write: the service's network in an ordinary endpoint, and nothing else.

At /predict with the service's own schemas, which are typed dictionaries; at /models with pydantic models that say the
same.
"""

import numpy as np
from fastapi import FastAPI
from pydantic import BaseModel, ConfigDict

from app.api.bodies.fields import NUMBERS, EmployeeId
from app.api.bodies.records import EmployeeList
from app.api.documents import PredictionsDocument
from app.network.forward import score
from app.network.parameters import Parameters

app = FastAPI()
NETWORK = Parameters(np.array([[0.1, -0.2], [0.03, 0.01]]), np.array([-3.0, 1.0]), np.array([2.0, -1.0]), -0.5)
THRESHOLD = 0.5


@app.get("/readyz")
def ready() -> bool:
    """For who waits for it."""
    return True


@app.post("/predict")
def predict(body: EmployeeList) -> PredictionsDocument:
    """Score them."""
    employees = body["employees"]
    inputs = np.array([[e["years_of_experience"], e["performance_score"]] for e in employees])
    scored = zip(employees, score(NETWORK, inputs).tolist(), strict=True)
    return {
        "model_version": 1,
        "threshold": THRESHOLD,
        "predictions": [
            {"employee_id": e.get("employee_id"), "probability": p, "promote": p >= THRESHOLD} for e, p in scored
        ],
    }


class Employee(BaseModel):
    """One employee to score."""

    model_config = ConfigDict(strict=True, extra="forbid")

    employee_id: EmployeeId = None
    years_of_experience: NUMBERS["years_of_experience"]  # noqa: F821 - a key and no name of a type
    performance_score: NUMBERS["performance_score"]  # noqa: F821


class Employees(BaseModel):
    """The body."""

    model_config = ConfigDict(strict=True, extra="forbid")

    employees: list[Employee]


class Prediction(BaseModel):
    """One employee's score."""

    employee_id: str | None
    probability: float
    promote: bool


class Predictions(BaseModel):
    """The answer."""

    model_version: int
    threshold: float
    predictions: list[Prediction]


@app.post("/models")
def predict_models(body: Employees) -> Predictions:
    """Score them."""
    inputs = np.array([[e.years_of_experience, e.performance_score] for e in body.employees])
    scored = zip(body.employees, score(NETWORK, inputs).tolist(), strict=True)
    predictions = [Prediction(employee_id=e.employee_id, probability=p, promote=p >= THRESHOLD) for e, p in scored]
    return Predictions(model_version=1, threshold=THRESHOLD, predictions=predictions)

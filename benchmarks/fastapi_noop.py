"""What FastAPI alone costs: an endpoint with the service's own schemas that does nothing."""

from fastapi import FastAPI

from app.api.bodies.records import EmployeeList
from app.api.documents import PredictionsDocument

app = FastAPI()
ANSWER: PredictionsDocument = {
    "model_version": 1,
    "threshold": 0.5,
    "predictions": [{"employee_id": "E-1042", "probability": 0.5678901234567891, "promote": True}],
}


@app.get("/readyz")
def ready() -> bool:
    """For who waits for it."""
    return True


@app.post("/predict")
async def predict(body: EmployeeList) -> PredictionsDocument:  # noqa: ARG001 - it is read and checked
    """Check the body, check and write the answer."""
    return ANSWER

"""What a caller in Python does, with the client that openapi-python-client generates."""

import json
import sys
from pathlib import Path

from promotion_client import Client
from promotion_client.api.audit import audit_decisions
from promotion_client.api.model import get_model
from promotion_client.api.predict import predict
from promotion_client.api.train import train_model
from promotion_client.models import (
    AuditDocument,
    DecisionList,
    EmployeeList,
    ModelDocument,
    PastDecisionList,
    PredictionsDocument,
    ProblemDocument,
    TrainModelNetwork,
)

url, file = sys.argv[1:]
bodies = json.loads(Path(file).read_text())

with Client(base_url=url, timeout=300) as client:
    trained = train_model.sync(
        client=client,
        body=PastDecisionList.from_dict(bodies["train"]),
        network=TrainModelNetwork.SINGLE_NEURON,
        seed=7,
    )
    assert isinstance(trained, ModelDocument)

    employees = EmployeeList.from_dict(bodies["predict"])
    scored = predict.sync(client=client, body=employees, explain=True, step_years_of_experience=1)
    assert isinstance(scored, PredictionsDocument)

    ratios = []
    for body in bodies["audit"]:
        audited = audit_decisions.sync(client=client, body=DecisionList.from_dict(body), exclude_below=0.02)
        assert isinstance(audited, AuditDocument)
        ratios.append([category.impact_ratio for category in audited.tables.sex])

    model = get_model.sync(client=client)
    assert isinstance(model, ModelDocument)

    refused = predict.sync_detailed(client=client, body=EmployeeList.from_dict(bodies["wrong"]))
    assert isinstance(refused.parsed, ProblemDocument)

done = {
    "version": trained.version,
    "probabilities": [one.probability for one in scored.predictions],
    "reason": scored.predictions[0].explanation.reasons[0].code,
    "ratios": ratios,
    "output": model.network.weights.output,
    "problem": {
        "status": refused.status_code,
        "code": refused.parsed.code,
        "pointer": refused.parsed.errors[0].pointer,
    },
}
print(json.dumps(done))

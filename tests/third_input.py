"""A service with one more row in the table of the inputs: trained, asked, explained, audited. Run by test_inputs.py.

The row is added before anything else of the service is imported. Nothing else knows of it.
"""

import asyncio
import csv
import io
import tempfile
from pathlib import Path

import app.inputs

LEVEL = app.inputs.Input(
    name="level",
    description="Level, from 0 to 6.",
    highest=6,
    examples=(0, 1, 2, 3, 1, 2, 4, 3, 5, 2, 1, 6, 0, 3, 4, 2, 5, 1, 0, 3),
    step=1.0,
    may_fall=True,
    change="on level {to}",
)
app.inputs.INPUTS += (LEVEL,)
app.inputs.NAMES += (LEVEL.name,)
app.inputs.HIGHEST[LEVEL.name] = LEVEL.highest

import httpx  # noqa: E402 - the table comes first
import numpy as np  # noqa: E402

from app.service import create_app  # noqa: E402
from app.settings import Settings  # noqa: E402

NAMES = app.inputs.NAMES


def past_decisions():
    """120 people of whom a higher level was promoted more often, whatever their years and scores."""
    rng = np.random.default_rng(5)
    years, score, level = rng.uniform(0, 40, 120).round(1), rng.integers(40, 100, 120), rng.integers(0, 7, 120)
    promoted = rng.random(120) < 1 / (1 + np.exp(-(1.5 * level + 0.05 * (score - 70) - 5)))
    return [
        {"years_of_experience": float(x), "performance_score": int(s), "level": int(k), "promoted": bool(y)}
        for x, s, k, y in zip(years, score, level, promoted, strict=True)
    ]


def as_csv(records):
    """Records as a CSV file."""
    out = io.StringIO()
    writer = csv.DictWriter(out, list(records[0]))
    writer.writeheader()
    writer.writerows(records)
    return out.getvalue()


def by_hand(network, x):
    """The formula of the README, with three inputs."""
    w = network["weights"]
    a = 1 / (1 + np.exp(-(np.array(x) @ np.array(w["hidden"]) + np.array(w["hidden_bias"]))))
    return float(1 / (1 + np.exp(-(a @ np.array(w["output"]) + w["output_bias"]))))


async def ask(client):
    """Everything that a caller can do with three inputs."""
    records = past_decisions()
    answer = await client.post(
        "/train?column.level=grade", content=as_csv(records).replace("level", "grade"), headers=CSV
    )
    assert answer.status_code == 201, answer.text
    network, report = answer.json()["network"], answer.json()["report"]
    assert network["inputs"] == list(NAMES)
    assert np.array(network["weights"]["hidden"]).shape == (3, 2)
    assert [one["input"] for one in report["learned"]["monotone"]] == list(NAMES)
    same = await client.post("/train", json={"employees": records})
    assert same.json()["digest"] == answer.json()["digest"]

    employees = [{name: record[name] for name in NAMES} for record in records[:5]]
    X = [[employee[name] for name in NAMES] for employee in employees]
    probabilities = [one["probability"] for one in await predictions(client, employees)]
    np.testing.assert_allclose(probabilities, [by_hand(network, x) for x in X], rtol=1e-12)
    for employee, probability in zip(employees, probabilities, strict=True):  # by the way of a single employee
        assert [one["probability"] for one in await predictions(client, [employee])] == [probability]
    text = (await client.post("/predict", content=as_csv(employees), headers=CSV)).text
    assert [float(row["probability"]) for row in csv.DictReader(io.StringIO(text))] == probabilities

    refused = await client.post("/predict", json={"employees": [employees[0] | {"level": 7}]})
    assert refused.json()["errors"] == [
        {"pointer": "/employees/0/level", "message": "Input should be less than or equal to 6"}
    ]
    refused = await client.post("/predict", content="years_of_experience,performance_score\n1,2\n", headers=CSV)
    assert refused.json()["errors"][0]["column"] == "level"

    await explained(client, employees, probabilities)
    await audited(client, records, network)
    await inferred(client, X, probabilities)
    contract = (await client.get("/openapi.json")).json()
    assert contract["components"]["schemas"]["Employee"]["properties"]["level"]["maximum"] == 6
    named = {one["name"]: one for one in contract["paths"]["/predict"]["post"]["parameters"]}
    assert {"column.level", "step.level"} <= set(named)
    assert named["step.level"]["schema"]["default"] == 1.0


async def predictions(client, employees, query=""):
    """The scores of employees as JSON."""
    answer = await client.post(f"/predict{query}", json={"employees": employees})
    assert answer.status_code == 200, answer.text
    return answer.json()["predictions"]


async def explained(client, employees, probabilities):
    """JSON of one and of many, and CSV, say the same; the parts add up to the score."""
    many = await predictions(client, employees, "?explain=true")
    for employee, probability, one in zip(employees, probabilities, many, strict=True):
        assert await predictions(client, [employee], "?explain=true") == [one]
        said = one["explanation"]
        assert [part["input"] for part in said["contributions"]] == list(NAMES)
        total = said["base_probability"] + sum(part["probability"] for part in said["contributions"])
        assert abs(total - probability) < 1e-12
        for change in said["changes"]:
            assert 1 <= len(change["inputs"]) <= 2
            (moved,) = await predictions(client, [employee | change["inputs"]])
            assert moved["promote"] != one["promote"]
            assert abs(moved["probability"] - change["probability"]) < 1e-12
            assert ("on level" in change["text"]) == ("level" in change["inputs"])
    assert any("level" in change["inputs"] for one in many for change in one["explanation"]["changes"])
    text = (await client.post("/predict?explain=true", content=as_csv(employees), headers=CSV)).text
    for row, one in zip(csv.DictReader(io.StringIO(text)), many, strict=True):
        (level,) = (part for part in one["explanation"]["contributions"] if part["input"] == "level")
        assert float(row["level.logit"]) == level["logit"]
        nearest = (one["explanation"]["changes"] or [{"inputs": {}}])[0]
        assert row["change.level"] == (str(nearest["inputs"]["level"]) if "level" in nearest["inputs"] else "")


async def audited(client, records, network):
    """What the model would decide, by sex."""
    people = [
        {"sex": "F" if i % 2 else "M", "race_ethnicity": "A"} | {name: record[name] for name in NAMES}
        for i, record in enumerate(records)
    ]
    answer = await client.post("/audit", json={"decisions": people})
    assert answer.status_code == 200, answer.text
    promoted = [by_hand(network, [record[name] for name in NAMES]) >= 0.5 for record in records]
    assert {row["category"]: row["selected"] for row in answer.json()["tables"]["sex"]} == {
        "F": sum(promoted[1::2]),
        "M": sum(promoted[::2]),
    }
    as_file = await client.post("/audit", content=as_csv(people), headers={**CSV, "Accept": "application/json"})
    assert as_file.json()["tables"] == answer.json()["tables"]


async def inferred(client, X, probabilities):
    """One tensor, or one for each input."""
    model = (await client.get("/v2/models/promotion")).json()
    assert model["inputs"] == [{"name": "employees", "datatype": "FP64", "shape": [-1, 3]}]
    (wide,) = (output for output in model["outputs"] if output["name"] == "contributions_logit")
    assert wide["shape"] == [-1, 3]
    joint = [{"name": "employees", "shape": [len(X), 3], "datatype": "FP64", "data": X}]
    columns = [
        {"name": name, "shape": [len(X)], "datatype": "FP64", "data": [x[i] for x in X]} for i, name in enumerate(NAMES)
    ]
    for inputs in (joint, columns):
        asked = {"inputs": inputs, "outputs": [{"name": "probability"}, {"name": "nearest_change"}]}
        answer = await client.post("/v2/models/promotion/infer", json=asked | {"parameters": {"step_level": 2}})
        assert answer.status_code == 200, answer.text
        probability, nearest = answer.json()["outputs"]
        assert probability["data"] == probabilities
        assert nearest["shape"] == [len(X), 3]
    answer = await client.post("/v2/models/promotion/infer", json={"inputs": columns[:2]})
    assert answer.json() == {
        "error": "The inputs should be employees, or years_of_experience and performance_score and level."
    }


CSV = {"Content-Type": "text/csv"}


async def main():
    """Everything, in one process but for the trainings."""
    with tempfile.TemporaryDirectory() as directory:
        service = create_app(Settings(data_dir=Path(directory), train_wait=3600))
        async with service.router.lifespan_context(service):
            transport = httpx.ASGITransport(service)
            async with httpx.AsyncClient(transport=transport, base_url="http://service", timeout=None) as client:
                await ask(client)
    print("trained, predicted, explained, audited, inferred")


if __name__ == "__main__":
    asyncio.run(main())

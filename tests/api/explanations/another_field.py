"""A service with one more row in the table of what an explanation says. Run by test_table.py.

The row is added before anything else of the service is imported. Nothing else knows of it.
"""

import asyncio
import csv
import io
import tempfile
from pathlib import Path

from app.api.explanations import table
from app.api.explanations.field import number

table.FIELDS += (number("interval_width", lambda given: given.high - given.low),)

import httpx  # noqa: E402 - the table comes first

from app.samples import promotions  # noqa: E402
from app.service import create_app  # noqa: E402
from app.settings import Settings  # noqa: E402

EMPLOYEES = [
    {"years_of_experience": 6.5, "performance_score": 82},
    {"years_of_experience": 0, "performance_score": 0},
    {"years_of_experience": 12.25, "performance_score": 61.5},
]
EXPLAINED = "/predict?explain=true"
CSV = {"Content-Type": "text/csv"}


async def ask(client):
    """The new field in each of the three forms, and in the contract."""
    answer = await client.post("/train?report=false", content=promotions.FILE.read_bytes(), headers=CSV)
    assert answer.status_code == 201, answer.text

    together = (await client.post(EXPLAINED, json={"employees": EMPLOYEES})).json()["predictions"]
    said = [one["explanation"] for one in together]
    assert list(said[0])[-1] == "interval_width"
    widths = [one["interval_width"] for one in said]
    assert widths == [one["interval"]["high"] - one["interval"]["low"] for one in said]
    assert len(set(widths)) == 3
    for employee, one in zip(EMPLOYEES, together, strict=True):
        alone = await client.post(EXPLAINED, json={"employees": [employee]})
        assert alone.json()["predictions"] == [one]

    rows = "".join(f"{one['years_of_experience']},{one['performance_score']}\n" for one in EMPLOYEES)
    body = "years_of_experience,performance_score\n" + rows
    table = list(csv.reader(io.StringIO((await client.post(EXPLAINED, content=body, headers=CSV)).text)))
    assert table[0][-2:] == ["refer_to_person", "interval_width"]
    assert [float(row[-1]) for row in table[1:]] == widths
    chosen = await client.post(f"{EXPLAINED}&explain_where=near_threshold", content=body, headers=CSV)
    assert {len(row) for row in csv.reader(io.StringIO(chosen.text))} == {len(table[0])}

    (output,) = (await client.get("/v2/models/promotion")).json()["outputs"][-1:]
    assert output == {"name": "interval_width", "datatype": "FP64", "shape": [-1]}
    X = [[one["years_of_experience"], one["performance_score"]] for one in EMPLOYEES]
    tensor = {"name": "employees", "shape": [3, 2], "datatype": "FP64", "data": X}
    asked = {"inputs": [tensor], "outputs": [{"name": "interval_width"}]}
    (found,) = (await client.post("/v2/models/promotion/infer", json=asked)).json()["outputs"]
    assert (found["shape"], found["data"]) == ([3], widths)

    schemas = (await client.get("/openapi.json")).json()["components"]["schemas"]
    explanation = schemas["ExplanationDocument"]
    assert explanation["properties"]["interval_width"] == {"type": "number", "title": "Interval Width"}
    assert explanation["required"][-1] == "interval_width"
    for name in ("RequestOutput", "ResponseOutput"):
        assert schemas[name]["properties"]["name"]["enum"][-1] == "interval_width"
    assert schemas["InferenceRequestDocument"]["properties"]["outputs"]["maxItems"] == 17


async def main():
    """Everything, in one process but for the training."""
    with tempfile.TemporaryDirectory() as directory:
        service = create_app(Settings(data_dir=Path(directory), train_wait=3600))
        async with service.router.lifespan_context(service):
            transport = httpx.ASGITransport(service)
            async with httpx.AsyncClient(transport=transport, base_url="http://service", timeout=None) as client:
                await ask(client)
    print("JSON, CSV, tensors, contract")


if __name__ == "__main__":
    asyncio.run(main())

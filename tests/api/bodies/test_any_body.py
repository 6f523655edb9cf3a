"""Whatever bytes come: an answer or a problem, never a mistake; and whatever ids come in CSV go out again."""

import csv
import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

FIELDS = ("employee_id", "years_of_experience", "performance_score", "promoted")
scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.sampled_from(FIELDS)
values = st.recursive(scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner))
records = st.dictionaries(st.sampled_from((*FIELDS, "employees", "x")), values, max_size=5)
bodies = st.dictionaries(st.sampled_from(("employees", "x")), st.lists(records | values, max_size=4) | values)
csv_text = st.text(st.sampled_from('0123456789.,,,;\n\n\r"" -+eEyn\t\x00é٣\ufeff'), max_size=60)
OUTCOMES = {"/train": {201, 422}, "/predict": {200, 422}, "/model": {200, 404, 422}}


@pytest.fixture
def holds(service, past_decisions):
    """Sends a body; the answer is one of those that the path may give, and a problem when it is none of the good."""
    service.post("/train?network=single_neuron", past_decisions)

    def check(path, body, content_type="application/json"):
        method = "PUT" if path == "/model" else "POST"
        answer = service.send(method, path, content=body, headers={"Content-Type": content_type})
        assert answer.status_code in OUTCOMES[path], answer.text
        if answer.status_code == 422:
            document = answer.json()
            assert document["code"] in {"invalid_records", "training_data_unusable"}
            errors = document.get("errors", [])
            assert document.get("error_count", 0) >= len(errors)
            assert (document["code"] == "invalid_records") == (len(errors) > 0)

    return check


@pytest.mark.parametrize("path", ["/train", "/predict", "/model"])
def test_any_json(holds, path):
    @given(bodies | values | records)
    def check(body):
        holds(path, json.dumps(body).encode())

    check()


@pytest.mark.parametrize("path", ["/train", "/predict", "/model"])
def test_any_bytes(holds, path):
    @given(st.binary(max_size=40), st.integers(0, 60))
    def check(noise, place):
        good = b'{"employees": [{"years_of_experience": 1, "performance_score": 2}]}'
        holds(path, good[:place] + noise + good[place:])

    check()


@pytest.mark.parametrize("path", ["/train", "/predict"])
def test_any_csv(holds, path):
    header = ",".join(FIELDS) + "\n"

    @given(csv_text, st.sampled_from(["", header, header + "a,1,2,y\nb,1,2,n\nc,1,2,y\n"]))
    def check(text, before):
        holds(path, (before + text).encode(), "text/csv")

    check()


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=8), min_size=1, max_size=5))
def test_any_ids_come_back_from_csv(trained, as_csv, ids):
    body = as_csv([{"employee_id": i, "years_of_experience": 1, "performance_score": 2} for i in ids])
    answer = trained.post("/predict", body)
    assert [row[0] for row in csv.reader(io.StringIO(answer.content.decode(), newline=""))][1:] == ids


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=8) | st.none(), max_size=5))
def test_any_ids_come_back_from_json(trained, ids):
    body = [{"employee_id": i, "years_of_experience": 1, "performance_score": 2} for i in ids]
    assert [p["employee_id"] for p in trained.post("/predict", body).json()["predictions"]] == ids

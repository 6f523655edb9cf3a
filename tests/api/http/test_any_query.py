"""Whatever query comes: an answer or invalid_options, never a mistake."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.contract import CONTRACT

OPERATIONS = [
    (method.upper(), path)
    for path, operations in CONTRACT["paths"].items()
    for method in operations
    if path != "/samples/promotions.csv"
]
NAMES = ["limit", "before", "seed", "alpha", "model_version", "column.promoted", "threshold", "activate", "x", ""]
VALUES = [
    "",
    "1",
    "0",
    "-1",
    "1e999",
    "nan",
    "true",
    "%",
    "%zz",
    "%FF",
    "%00",
    "+",
    "é",
    "1_0",
    "9" * 4400,
    "a=b",
    "[]",
]
REFUSALS = {"invalid_options", "invalid_records", "training_ended"}
queries = st.lists(st.tuples(st.sampled_from(NAMES), st.sampled_from(VALUES)), max_size=3)


@pytest.mark.parametrize(("method", "path"), OPERATIONS, ids=[" ".join(operation) for operation in OPERATIONS])
def test_any_query(trained, method, path):
    training_id = trained.get("/model").json()["training_id"]
    url = path.replace("{version}", "1").replace("{code}", "no_model").replace("{training_id}", training_id)
    assert trained.get(f"/train/{training_id}").json()["state"] == "succeeded"
    request = {} if method == "GET" else {"content": b"{", "headers": {"Content-Type": "application/json"}}

    @given(queries.map(lambda pairs: "&".join(f"{name}={value}" for name, value in pairs)))
    @example("&&&")
    @example("==")
    @example("%")
    def check(query):
        answer = trained.send(method, f"{url}?{query}", **request)
        if path.startswith("/v2"):
            assert answer.status_code in {200, 400, 422}, answer.text
            assert (set(answer.json()) == {"error"}) == (answer.status_code != 200)
            return
        assert answer.status_code in {200, 409, 422}, answer.text
        if answer.status_code != 200:
            assert answer.json()["code"] in REFUSALS

    check()

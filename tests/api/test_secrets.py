"""No value out of a body, and no value of an option, comes back in an answer, a header or a log line."""

import json
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.contract import CONTRACT

GOOD = {"employee_id": "E-1", "years_of_experience": 1, "performance_score": 2, "promoted": True}
# Letters and digits that stand in no message of ours, with whatever else a name or a number may hold.
secrets = st.builds(
    lambda head, tail: f"Kx{head}Qz{tail}".replace("\x00", ""),
    st.integers(10**6, 10**7).map(str),
    st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=5),
)
numbers = st.integers(10**9, 10**12)
OPTIONS = sorted(
    {
        (method.upper(), path, parameter["name"])
        for path, operations in CONTRACT["paths"].items()
        for method, operation in operations.items()
        for parameter in operation.get("parameters", ())
        if parameter["in"] == "query" and not parameter["name"].startswith("column.")
    }
)
"""A column's name is not a value: errors name the column as the file does."""


@pytest.fixture
def keeps_secret(capfdbinary, serve):
    """Sends a request that must be refused, and looks for the secret wherever somebody could read it."""
    service = cache(serve)  # started by the first request: what runs in a fixture writes to another output

    def check(secret, method, path, **request):
        answer = service().send(method, path, **request)
        assert answer.status_code in (413, 415, 422), answer.text
        out, err = capfdbinary.readouterr()
        assert b'"status":%d' % answer.status_code in out
        for place in (answer.text, repr(answer.headers.raw), out.decode(), err.decode()):
            for form in (str(secret), json.dumps(secret), str(secret)[2:9]):
                assert form not in place

    return check


@pytest.mark.parametrize("path", ["/train", "/predict"])
def test_json_values(keeps_secret, path):
    @given(secret=secrets, number=numbers, place=st.integers(0, 9))
    def check(secret, number, place):
        bad = [
            (secret, GOOD | {"performance_score": secret}),
            (secret, GOOD | {"years_of_experience": [secret]}),
            (secret, GOOD | {"years_of_experience": {"x": secret}}),
            (secret, GOOD | {"employee_id": [secret]}),
            (secret, GOOD | {"employee_id": secret + "x" * 200}),
            (secret, GOOD | {"employee_id": secret, "performance_score": None}),
            (secret, GOOD | {"salary": secret}),
            (secret, secret),
            (number, GOOD | {"performance_score": number}),
            (number, GOOD | {"employee_id": number, "performance_score": -number}),
        ][place]
        body = json.dumps({"employees": [GOOD, bad[1]]}).encode()
        keeps_secret(bad[0], "POST", path, content=body, headers={"Content-Type": "application/json"})

    check()


@pytest.mark.parametrize("path", ["/train", "/predict"])
def test_malformed_bodies(keeps_secret, path):
    @given(secret=secrets, place=st.integers(0, 8))
    def check(secret, place):
        body, content_type = [
            ('{"employees": [%s]}', "application/json"),
            ('{"employees": ["%s]}', "application/json"),
            ('{"employees": [{"employee_id": "%s", }]}', "application/json"),
            ('{"employees": [], "employees": "%s"}', "application/json"),
            ('["%s"]', "application/json"),
            ("%s", "text/csv"),
            ('years_of_experience,performance_score,promoted\n1,2,1\n"%s', "text/csv"),
            ("%s,1,2,yes\n", "text/csv"),
            ("anything", "text/%s"),
        ][place]
        headers = {"Content-Type": content_type.replace("%s", secret[:9])}
        keeps_secret(secret, "POST", path, content=body.replace("%s", secret).encode(), headers=headers)

    check()


@pytest.mark.parametrize("path", ["/train", "/predict"])
def test_csv_cells(keeps_secret, path):
    @given(secret=secrets, place=st.integers(0, 5))
    def check(secret, place):
        quoted = '"' + secret.replace('"', '""') + '"'
        row = [
            f"a,{quoted},2,yes",
            f"a,1,{quoted},no",
            f"{quoted},-1,2,no",
            f"a,200,2,{quoted}",
            f"a,1,2,no,{quoted}",
            f"{quoted}{'x' * 200},1,2,yes",
        ][place]
        body = f"employee_id,years_of_experience,performance_score,promoted\nb,1,2,no\n{row}\n"
        keeps_secret(secret, "POST", path, content=body.encode(), headers={"Content-Type": "text/csv"})

    check()


@pytest.mark.parametrize(("method", "path", "option"), OPTIONS, ids=[f"{path} {option}" for _, path, option in OPTIONS])
def test_option_values(keeps_secret, method, path, option):
    @given(secret=secrets)
    def check(secret):
        keeps_secret(secret, method, path, params={option: secret})

    check()

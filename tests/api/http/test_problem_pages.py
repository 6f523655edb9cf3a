"""GET /problems/{code}: where the type of every problem leads."""

import pytest

from app.errors import problem_kinds

KINDS = problem_kinds()


@pytest.mark.parametrize("code", sorted({kind.code for kind in KINDS}))
def test_every_code_is_explained(empty, code):
    kind = next(kind for kind in KINDS if kind.code == code)
    assert empty.get(f"/problems/{code}").json() == {
        "code": code,
        "status": kind.status,
        "title": kind.title,
        "remedy": kind.remedy,
    }


@pytest.mark.parametrize("code", ["no_such", "NO_MODEL", "no_model%20", "%00", "Problem"])
def test_other_codes_are_not_found(empty, problem, code):
    problem(empty.get(f"/problems/{code}"), "not_found", 404)


def test_the_type_of_a_real_problem_leads_to_it(empty):
    document = empty.get("/model").json()
    page = empty.get(document["type"]).json()
    assert (page["code"], page["title"]) == (document["code"], document["title"])

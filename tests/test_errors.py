"""The tree of errors is the drawing in its docstring, and every leaf of it is published."""

import re

import pytest

from app import errors
from tests.contract import CONTRACT

DRAWN = re.compile(
    r"^    (?P<indent>[│├└─ ]*)(?P<name>[A-Z]\w+)(?: +(?:(?P<code>[a-z_]+) (?P<status>\d{3}) +)?(?P<note>.+))?$"
)


def subclasses(kind):
    for child in kind.__subclasses__():
        yield child
        yield from subclasses(child)


def drawing():
    """Name -> (name of its parent, code, status, note) of every line of the drawing."""
    drawn, above = {}, []
    for line in errors.__doc__.splitlines():
        if match := DRAWN.match(line):
            depth = len(match["indent"]) // 4
            above[depth:] = [match["name"]]
            drawn[match["name"]] = (above[depth - 1] if depth else None, match["code"], match["status"], match["note"])
    return drawn


TREE = [errors.PromotionError, *subclasses(errors.PromotionError)]
PROBLEMS = list(subclasses(errors.Problem))
OF_OPERATIONS = [kind for kind in PROBLEMS if kind is not errors.MethodNotAllowed]
"""An operation has its method: what answers 405 is by definition none of the contract."""


def test_the_drawing_has_every_error_and_no_other():
    assert set(drawing()) == {kind.__name__ for kind in TREE}
    assert len(PROBLEMS) >= 13


@pytest.mark.parametrize("kind", TREE, ids=lambda kind: kind.__name__)
def test_a_line_of_the_drawing_is_true(kind):
    parent, code, status, note = drawing()[kind.__name__]
    assert parent == (kind.__base__.__name__ if kind is not errors.PromotionError else None)
    if kind in PROBLEMS:
        assert (code, int(status)) == (kind.code, kind.status)
        assert len(note) > 10


def test_one_root_catches_them_all():
    raised = {value for value in vars(errors).values() if isinstance(value, type) and issubclass(value, Exception)}
    assert raised == set(TREE)


def test_problem_kinds_are_all_the_leaves():
    assert set(errors.problem_kinds()) == set(PROBLEMS)
    assert len(errors.problem_kinds()) == len(PROBLEMS)


@pytest.mark.parametrize("kind", PROBLEMS, ids=lambda kind: kind.__name__)
def test_a_problem_says_what_it_is_and_what_to_do(kind):
    assert re.fullmatch(r"[a-z]+(_[a-z]+)*", kind.code)
    assert 400 <= kind.status < 600
    assert len(kind.title) > 10
    assert kind.remedy.endswith(".")
    problem = kind([]) if issubclass(kind, errors.InvalidRecords) else kind("What happened.")
    members = problem.members()
    assert members | {"error_count": 0, "errors": []} == {
        "type": f"/problems/{kind.code}", "title": kind.title, "status": kind.status, "detail": problem.detail,
        "code": kind.code, "error_count": 0, "errors": [],
    }  # fmt: skip


def test_a_code_has_one_meaning():
    assert len({(kind.code, kind.title, kind.remedy) for kind in PROBLEMS}) == len({kind.code for kind in PROBLEMS})
    assert len({(kind.code, kind.status) for kind in PROBLEMS}) == len(PROBLEMS)


@pytest.mark.parametrize("kind", OF_OPERATIONS, ids=lambda kind: kind.__name__)
def test_a_problem_is_in_the_contract(kind):
    declared = [
        example["value"]
        for operations in CONTRACT["paths"].values()
        for operation in operations.values()
        for status, response in operation["responses"].items()
        if status == str(kind.status)
        for content in response["content"].values()
        for code, example in content["examples"].items()
        if code == kind.code
    ]
    assert declared
    for value in declared:
        in_protocol = {"error": f"{kind.title}."}
        assert value == in_protocol or (value["code"], value["status"], value["title"]) == (
            kind.code, kind.status, kind.title,
        )  # fmt: skip


def test_the_first_hundred_faults_are_listed_and_all_are_counted():
    faults = [errors.JsonFault(f"/employees/{i}", "wrong") for i in range(150)]
    members = errors.InvalidRecords(faults).members()
    assert (members["error_count"], members["errors"]) == (150, faults[:100])
    assert members["detail"] == "The body has 150 errors."
    members = errors.InvalidRecords(faults[:1], 7).members()
    assert (members["error_count"], members["errors"]) == (7, faults[:1])
    assert errors.InvalidRecords(faults[:1]).detail == "The body has 1 error."

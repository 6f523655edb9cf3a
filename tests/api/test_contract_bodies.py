"""The contract's schemas of the bodies accept exactly what the service reads: no body more, no body less."""

import json
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openapi_schema_validator import OAS31Validator

from app.api.audit.records import Decisions
from app.api.bodies.reading import read_json
from app.api.bodies.records import Employees, PastDecisions
from app.errors import InvalidRecords
from tests.contract import CONTRACT
from tests.examples import examples

MISSING = "missing"
PERSON = {
    "sex": st.sampled_from(["F", None, "", "x" * 201, 1]),
    "race_ethnicity": st.sampled_from(["A", None, True]),
    "pool": st.sampled_from([MISSING, None, "2026", 1]),
    "count": st.sampled_from([MISSING, 1, 2.0, 0, 1.5, True, None]),
}
BASES = {
    "selected": [MISSING, True, False, 1, None],
    "score": [MISSING, 1, 0.5, -1e100, 1e101, "1", True],
    "years_of_experience": [MISSING, 0, 80, 80.5, None],
    "performance_score": [MISSING, 0.0, 100, -1, True],
}
ID = st.sampled_from([MISSING, None, "E-1", "x" * 201, 7])
INPUTS = {"years_of_experience": st.sampled_from([0, 80, 81, "1", MISSING]), "performance_score": st.just(50)}
PROMOTED = [True, False, 0, 1, 1.0, 0.0, 2, "true", None, -1, 0.5, MISSING, [], {}]


def without(record):
    return {name: value for name, value in record.items() if value is not MISSING}


def mostly(good, any_of):
    """A draw that is mostly good: of many faults at once nothing is learned."""
    return st.one_of(*[good] * 6, any_of)


def of_kind(*fields):
    """Good decisions of one kind."""
    person = {"sex": st.sampled_from(["F", "M", None]), "race_ethnicity": st.sampled_from(["A", ""])}
    return st.fixed_dictionaries(person | {name: st.sampled_from(BASES[name][1:3]) for name in fields})


REST = {"employee_id": ID, "unknown": st.sampled_from([MISSING, MISSING, 1])}
ANY_DECISION = st.fixed_dictionaries(PERSON | {name: st.sampled_from(of) for name, of in BASES.items()} | REST)
KINDS = [of_kind("selected"), of_kind("score"), of_kind("years_of_experience", "performance_score")]
DECISIONS = st.sampled_from(KINDS).flatmap(
    lambda kind: st.lists(mostly(kind, st.one_of(ANY_DECISION, *KINDS)), max_size=4)
)
RECORD = st.fixed_dictionaries(INPUTS | {"promoted": st.sampled_from(PROMOTED)} | REST)
GOOD = st.fixed_dictionaries(
    {
        "years_of_experience": st.sampled_from([0, 80.0]),
        "performance_score": st.just(1),
        "promoted": st.sampled_from(PROMOTED[:6]),
    }
)
EMPLOYEES = st.lists(mostly(GOOD, RECORD), max_size=5)


def allows(name):
    """The function that says whether the contract allows a body."""
    schema = {"$ref": f"#/components/schemas/{name}", "components": CONTRACT["components"]}
    validator = OAS31Validator(json.loads(json.dumps(schema)))
    return validator.is_valid


def reads(read, body):
    try:
        read(body)
    except InvalidRecords:
        return False
    return True


def trainable(body):
    """PastDecisions are read, and training asks for three of them and for both decisions."""
    table = read_json(PastDecisions, body).table
    if len(table) < 3 or len(set(table[:, 2])) < 2:
        raise InvalidRecords([])
    return table


BODIES = {
    "DecisionList": ("decisions", DECISIONS, partial(read_json, Decisions)),
    "PastDecisionList": ("employees", EMPLOYEES, trainable),
    "EmployeeList": ("employees", EMPLOYEES, partial(read_json, Employees)),
}


@pytest.mark.many_examples
@pytest.mark.parametrize("name", BODIES)
def test_the_contract_allows_what_is_read(name):
    key, records, read = BODIES[name]
    allowed, seen = allows(name), set()

    @examples(300)
    @given(records)
    def check(drawn):
        body = {key: [without(record) for record in drawn]}
        good = reads(read, json.dumps(body).encode())
        assert allowed(body) == good, body
        seen.add(good)

    check()
    assert seen == {True, False}


@pytest.mark.parametrize("promoted", PROMOTED[:6])
def test_a_decision_may_be_written_in_six_ways(promoted):
    record = {"years_of_experience": 1, "performance_score": 2}
    body = {"employees": [record | {"promoted": value} for value in (promoted, True, False)]}
    assert allows("PastDecisionList")(body)
    assert trainable(json.dumps(body).encode())[:, 2].tolist() == [float(promoted), 1.0, 0.0]


@pytest.mark.parametrize("promoted", PROMOTED[6:], ids=repr)
def test_what_is_no_decision(promoted):
    record = {"years_of_experience": 1, "performance_score": 2}
    body = {"employees": [without(record | {"promoted": value}) for value in (promoted, True, False)]}
    assert not allows("PastDecisionList")(body)
    assert not reads(trainable, json.dumps(body).encode())


@pytest.mark.parametrize("promoted", [True, False, 0, 1])
def test_decisions_that_are_all_the_same_are_not_allowed(promoted):
    record = {"years_of_experience": 1, "performance_score": 2, "promoted": promoted}
    assert not allows("PastDecisionList")({"employees": [record] * 3})

"""Two readers of JSON records: the plain one gives what the other gives, or nothing."""

import json

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from app.api.bodies.json_careful import read_object
from app.api.bodies.records import Employees, PastDecisions
from tests.examples import examples

KINDS = {"scored": Employees, "trained on": PastDecisions}
EMPLOYEE = '{"years_of_experience": 1, "performance_score": 2}'
DECISION = '{"years_of_experience": 1, "performance_score": 2, "promoted": true}'

spellings = st.one_of(
    st.floats(0, 80).map(repr),
    st.sampled_from(
        [
            "0",
            "-0",
            "-0.0",
            "80",
            "80.0",
            "8e1",
            "8E+1",
            "0.8e+2",
            "1e-400",
            "5e-324",
            "0e999",
            "80.00000000000000001",
            "80.00000000000001",
            "-5e-324",
            "1e400",
            "NaN",
            "Infinity",
            "01",
            "1.",
            ".5",
            "+1",
            "1e",
            "true",
            "null",
            '"5"',
            "[]",
            "{}",
            "1_0",
            "٣",
        ]
    ),
    st.sampled_from(["1" + "0" * 30, "0." + "1" * 400]),
)
texts = st.one_of(
    st.text(max_size=5).map(json.dumps),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=5).map(
        lambda text: json.dumps(text, ensure_ascii=False)
    ),
    st.sampled_from(
        ['""', "null", '"\\""', '"\\u0022"', '"\\ud800"', '"\\ud83d\\ude00"', '"a\tb"', '"\x00"', '"\\x"', "5", "true"]
    ),
    st.sampled_from([f'"{letter * n}"' for letter in "xé😀" for n in (200, 201)]),
)
decisions = st.sampled_from(["true", "false", "1", "0", "1.0", "-0", "2", "-1", "null", '"yes"', "1e0", "[]", "true"])
keys = {
    "years_of_experience": spellings,
    "performance_score": spellings,
    "promoted": decisions,
    "employee_id": texts,
    "years_of_experienc\\u0065": spellings,
    "tenure": texts,
}


@st.composite
def records(draw):
    """Mostly good; a key may be away, come twice or be one that no record has."""
    names = list(keys)[:3] + ["employee_id"] * draw(st.integers(0, 1))
    change = draw(st.sampled_from(["none"] * 8 + ["away", "more"]))
    if change == "away":
        names.remove(draw(st.sampled_from(names)))
    elif change == "more":
        names.insert(draw(st.integers(0, len(names))), draw(st.sampled_from(list(keys))))
    fields = [f'"{name}":{draw(keys[name])}' for name in draw(st.permutations(names))]
    return "{" + ", ".join(fields) + "}"


whole = st.lists(records(), max_size=4).map(", ".join).map('{{"employees": [{}]}}'.format)
bodies = st.one_of(
    whole,
    whole.map(lambda body: body[:-1] + ', "employees": []}'),
    whole.map(lambda body: body.replace("{", '{"version": 1, ', 1)),
    st.tuples(whole, st.integers(0, 80)).map(lambda pair: pair[0][: pair[1]]),
    whole.map(lambda body: f"\ufeff{body}"),
    whole.map(lambda body: f" \n{body}\t\r\n"),
    whole.map(lambda body: f"{body} x"),
).map(lambda body: body.encode("utf-8", "surrogatepass"))


@pytest.mark.many_examples
@pytest.mark.parametrize("kind", KINDS)
def test_what_the_plain_one_reads_the_other_reads_alike(kind):
    kind = KINDS[kind]

    @examples(1000)
    @given(bodies)
    @example(b'{"employees": [{"years_of_experience": 1, "performance_score": 2, "employee_id": "\xed\xa0\x80"}]}')
    @example(b'{"employees": [{"years_of_experience": 1, "performance_score": 2, "employee_id": "\xff"}]}')
    def check(body):
        ours = kind.fast_json(body)
        seen.add(ours is None)
        if ours is None:
            return
        theirs = kind.from_body(read_object(kind.body, body))  # which refuses nothing
        for name in ("ids", "inputs") if kind is Employees else ("table",):
            np.testing.assert_array_equal(getattr(ours, name), getattr(theirs, name))

    seen = set()
    check()
    assert seen == {True, False}


@pytest.mark.parametrize(
    "record",
    [
        EMPLOYEE,
        EMPLOYEE.replace("}", ', "employee_id": "é😀"}'),
        EMPLOYEE.replace("}", ', "employee_id": ""}'),
        EMPLOYEE.replace("}", ', "employee_id": null}'),
        EMPLOYEE.replace("}", ', "promoted": false}'),
        EMPLOYEE.replace("}", ', "promoted": null}'),
    ],
)
def test_what_hr_systems_send_to_be_scored_is_plain(record):
    body = f'{{"employees": [{", ".join([record] * 3)}]}}'.encode()
    read = Employees.fast_json(body)
    assert read.ids == [json.loads(record).get("employee_id")] * 3
    assert read.inputs.tolist() == [[1, 2]] * 3


@pytest.mark.parametrize(("decision", "target"), [("true", 1), ("false", 0), ("1", 1), ("0", 0)])
def test_what_hr_systems_send_to_train_on_is_plain(decision, target):
    body = f'{{"employees": [{DECISION.replace("true", decision)}]}}'.encode()
    assert PastDecisions.fast_json(body).table.tolist() == [[1, 2, target]]


EMPLOYEE_TWICE = f'{EMPLOYEE}], "employees": [{EMPLOYEE}'


@pytest.mark.parametrize(
    "records",
    [
        EMPLOYEE_TWICE,
        '{"years_of_experience": 3, "years_of_experience": 1, "performance_score": 2}',
        '{"years_of_experience": 3, "years_of_experienc\\u0065": 1, "performance_score": 2}',
        '{"employee_id": null, "employee_id": null, "years_of_experience": 3, "performance_score": 2}',
        '{"promoted": true, "promoted": true, "years_of_experience": 3, "performance_score": 2}',
        # A record without an id does not make up for one whose id is given twice.
        '{"employee_id": "a", "employee_id": "b", "years_of_experience": 3, "performance_score": 2}, ' + EMPLOYEE,
    ],
)
def test_a_key_that_is_given_twice_is_never_plain(records):
    body = f'{{"employees": [{records}]}}'
    assert json.loads(body)  # the parser keeps the last
    assert Employees.fast_json(body.encode()) is None

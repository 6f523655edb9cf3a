"""The contract explains itself: every option, every schema and every field of a body has a sentence of its own."""

import re
from collections import Counter

import pytest

from tests.contract import CONTRACT

SCHEMAS = CONTRACT["components"]["schemas"]
OPERATIONS = {
    f"{method.upper()} {path}": operation
    for path, operations in CONTRACT["paths"].items()
    for method, operation in operations.items()
}
SENTENCE = re.compile(r"[^a-z\s]\S*(\s+\S+){2,}\.", re.DOTALL)
"""It begins with a capital, a digit or code, has three words at least, and ends."""


def says_nothing(described):
    """The names of what has no sentence, and of what shares its sentence with another."""
    sentences = {name: node.get("description", "") for name, node in described.items()}
    shared = {sentence for sentence, times in Counter(sentences.values()).items() if times > 1}
    return [name for name, sentence in sentences.items() if not SENTENCE.fullmatch(sentence) or sentence in shared]


def objects(schema):
    """The objects that a body's schema consists of, by their place, wherever the schema names them."""
    for place, node in nodes(schema, "", ()):
        if "properties" in node:
            yield place, node


def nodes(schema, place, above):
    if "$ref" in schema:
        place = schema["$ref"].split("/")[-1]
        if place not in above:
            yield from nodes(SCHEMAS[place], place, (*above, place))
        return
    yield place, schema
    for keyword in ("anyOf", "oneOf", "allOf"):
        for child in schema.get(keyword, ()):
            yield from nodes(child, place, above)
    for child in [schema["items"]] if "items" in schema else []:
        yield from nodes(child, place, above)
    for name, child in schema.get("properties", {}).items():
        yield from nodes(child, f"{place}.{name}", above)


BODIES = {
    f"{name} {media_type}": content["schema"]
    for name, operation in OPERATIONS.items()
    for media_type, content in operation.get("requestBody", {}).get("content", {}).items()
}


@pytest.mark.parametrize("name", OPERATIONS)
def test_every_option_has_a_sentence_of_its_own(name):
    parameters = OPERATIONS[name].get("parameters", [])
    assert {parameter["in"] for parameter in parameters} <= {"query", "header", "path"}
    assert says_nothing({parameter["name"]: parameter for parameter in parameters}) == []


def test_every_schema_has_a_sentence_of_its_own():
    assert len(SCHEMAS) > 50
    assert says_nothing(SCHEMAS) == []


@pytest.mark.parametrize("name", BODIES)
def test_every_body_says_what_it_is(name):
    schema = BODIES[name]
    schema = SCHEMAS[schema["$ref"].split("/")[-1]] if "$ref" in schema else schema
    assert SENTENCE.fullmatch(schema["description"])


@pytest.mark.parametrize("name", [name for name in BODIES if name.endswith("json")])
def test_every_field_of_a_body_has_a_sentence_of_its_own(name):
    found = dict(objects(BODIES[name]))
    assert found
    assert {place: says_nothing(node["properties"]) for place, node in found.items()} == {place: [] for place in found}


def test_all_bodies_are_walked():
    places = {place for schema in BODIES.values() for place, _ in objects(schema)}
    assert {"SelectedDecision", "ScoredDecision", "DecisionToScore", "PastDecision", "Employee", "Activation"} <= places
    assert {"RequestInput", "InputParameters", "RequestOutput", "OutputParameters", "RequestParameters"} <= places


@pytest.mark.parametrize("wrong", ["", "Level.", "level of the interval.", "Level of the interval"])
def test_what_is_no_sentence(wrong):
    assert says_nothing({"level": {"description": wrong}, "step": {"description": "In which steps it moves."}}) == [
        "level"
    ]


def test_what_is_not_its_own():
    same = {"description": "In which steps it moves."}
    assert says_nothing({"a": same, "b": same, "c": {"description": "In which steps c moves."}}) == ["a", "b"]

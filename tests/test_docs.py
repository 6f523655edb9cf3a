"""The tables of docs/ are held to the code both ways: they name what there is, and nothing else.

test_pages.py holds the form of the pages, system/test_readme_session.py runs their examples.
"""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from app.errors import problem_kinds
from app.insight.report.estimates import missing
from app.settings import Settings
from tests.contract import CONTRACT
from tests.pages import ROOT, named, read, rows, section

ESTIMATE = set(missing(""))
"""The members of an estimate, which models.md explains once for all of them."""


def schema(name: str) -> dict[str, Any]:
    """A schema of the contract by its name."""
    found: dict[str, Any] = CONTRACT["components"]["schemas"][name]
    return found


def parts(of: dict[str, Any], before: str = "", stops: tuple[str, ...] = ()) -> Iterator[tuple[str, bool]]:
    """The dotted names of a schema's members at every depth, and whether each is a leaf. Not below the stops."""
    if "$ref" in of:
        of = schema(of["$ref"].rsplit("/", 1)[1])
    for one in (*of.get("anyOf", ()), *([of["items"]] if "items" in of else [])):
        yield from parts(one, before, stops)
    for name, member in of.get("properties", {}).items():
        path = f"{before}.{name}".lstrip(".")
        below = [] if path in stops else list(parts(member, path, stops))
        yield path, not below
        yield from below


def hold(documented: list[str], there: dict[str, bool]) -> None:
    """Every documented name is there, once; every leaf that is there is documented."""
    assert sorted(documented) == sorted(set(documented))
    assert set(documented) - set(there) == set()
    assert {name for name, leaf in there.items() if leaf} - set(documented) == set()


ATTRIBUTES = ("sex", "race_ethnicity", "intersectional")
FIELDS = [
    ("scores.md", "The score", "PredictionsDocument", ("predictions.explanation",)),
    ("scores.md", "An explained score", "ExplanationDocument", ()),
    ("models.md", "What a model shows", "ModelDocument", ()),
    (
        "audit.md",
        "The answer",
        "AuditDocument",
        ("pools.tables", *(f"{of}.{by}" for of in ("tables", "pooled", "thresholds") for by in ATTRIBUTES)),
    ),
    ("audit.md", "A row of a table", "Category", ()),
    ("audit.md", "Pools", "Pooled", ()),
    ("trainings.md", "Send it and follow it", "TrainingDocument", ()),
    ("inference-protocol.md", "Parameters of the request", "RequestParameters", ()),
]


@pytest.mark.parametrize(("page", "title", "name", "stops"), FIELDS, ids=[f"{of[0]}-{of[2]}" for of in FIELDS])
def test_fields_both_ways(page, title, name, stops):
    documented = named(section(page, title), "field") or named(section(page, title), "parameter")
    hold(documented, dict(parts(schema(name), stops=stops)))


OPTIONS = [
    ("trainings.md", "Options", "/train", lambda _: True),
    ("scores.md", "Options", "/predict", lambda name: not name.startswith("column.") and name != "model_version"),
    ("api.md", "Records", "/predict", lambda name: name.startswith("column.") or name == "model_version"),
    ("audit.md", "What you send", "/audit", lambda _: True),
]


@pytest.mark.parametrize(("page", "title", "path", "here"), OPTIONS, ids=[of[0] for of in OPTIONS])
def test_options_both_ways(page, title, path, here):
    there = {
        of["name"]: of["schema"].get("default")
        for of in CONTRACT["paths"][path]["post"]["parameters"]
        if of["in"] == "query" and here(of["name"])
    }
    told = rows(section(page, title), "option")
    hold(named(section(page, title), "option"), dict.fromkeys(there, True))
    if len(told[0]) == 3:  # with a column of defaults
        defaults = {name: cells[1] for cells in told for name in re.findall("`([^`]+)`", cells[0])}
        for name, default in there.items():
            if default is not None:
                assert defaults[name] == f"`{default if isinstance(default, str) else json.dumps(default)}`", name
            else:
                assert "`" not in defaults[name], name


VALUES = [
    ("scores.md", "Warnings", "warning", ("ExplanationDocument", "warnings")),
    ("audit.md", "A row of a table", "verdict", ("Category", "verdict")),
    ("trainings.md", "Send it and follow it", "state", ("TrainingDocument", "state")),
    ("inference-protocol.md", "Inputs", "input", ("RequestInput", "name")),
]


@pytest.mark.parametrize(("page", "title", "header", "member"), VALUES, ids=[f"{of[0]}-{of[2]}" for of in VALUES])
def test_values_both_ways(page, title, header, member):
    declared = schema(member[0])["properties"][member[1]]
    values = next(
        of["enum"] for of in (declared, declared.get("items", {}), *declared.get("anyOf", ())) if "enum" in of
    )
    assert named(section(page, title), header) == values


def test_endpoints_both_ways():
    there = [f"{method.upper()} {path}" for path, methods in CONTRACT["paths"].items() for method in methods]
    assert sorted(named(section("api.md", "Endpoints"), "endpoint")) == sorted(there)


def test_headers_that_the_contract_names_are_documented():
    declared = {
        of["name"]
        for methods in CONTRACT["paths"].values()
        for operation in methods.values()
        for of in operation.get("parameters", ())
        if of["in"] == "header"
    }
    assert declared <= {name.lower() for name in named(section("api.md", "Headers"), "header")}


def test_records_both_ways():
    fields = {name for of in ("Employee", "PastDecision") for name in schema(of)["properties"]}
    hold(named(section("api.md", "Records"), "field"), dict.fromkeys(fields, True))


def test_decisions_both_ways():
    fields = {name.removeprefix("decisions.") for name, _ in parts(schema("DecisionList"))} - {"decisions"}
    hold(named(section("audit.md", "What you send"), "field"), dict.fromkeys(fields, True))


def test_problem_codes_both_ways():
    documented = {
        (code.strip("`"), int(status))
        for code, statuses, _ in rows(section("api.md", "Errors"), "code")
        for status in re.findall(r"\b\d{3}\b", statuses)
    }
    assert documented == {(kind.code, kind.status) for kind in problem_kinds()}


def test_settings_both_ways():
    documented = {
        cells[0].strip("`"): cells[1].strip("`") for cells in rows(section("operations.md", "Settings"), "variable")
    }
    assert documented == {
        f"PROMOTION_{name.upper()}": str(field.default) for name, field in Settings.model_fields.items()
    }


def test_metrics_both_ways(trained):
    there = re.findall(r"^# HELP (\S+)", trained.get("/metrics").text, re.MULTILINE)
    hold(named(section("operations.md", "Metrics"), "metric"), dict.fromkeys(there, True))


def test_log_both_ways(serve, capfdbinary):
    serve().get("/readyz", traceparent=f"00-{'a' * 32}-{'b' * 16}-01")
    lines = [json.loads(line) for line in capfdbinary.readouterr().out.splitlines()]
    line = next(line for line in lines if line["event"] == "request")
    hold(named(section("operations.md", "Log"), "key"), dict.fromkeys(line, True))


def test_outputs_both_ways(trained):
    outputs = trained.get("/v2/models/promotion").json()["outputs"]
    told = [[of["name"], of["datatype"], str(of["shape"]).replace("-1", "n")] for of in outputs]
    assert [
        [cells[0].strip("`"), *cells[1:]] for cells in rows(section("inference-protocol.md", "Outputs"), "output")
    ] == told


def test_csv_columns_both_ways(trained, past_decisions, as_csv):
    header = trained.post("/predict?explain=true", as_csv(past_decisions[:1])).text.splitlines()[0].split(",")
    assert sorted(named(section("scores.md", "In CSV"), "column")) == sorted(header)


def test_csv_columns_of_an_audit_both_ways(trained):
    answer = trained.send(
        "POST",
        "/audit",
        content=b"sex,race_ethnicity,selected\nw,,1\n",
        headers={"Content-Type": "text/csv", "Accept": "text/csv"},
    )
    documented = named(section("audit.md", "A page to publish, or a file"), "column")
    documented += [name for name in named(section("audit.md", "A row of a table"), "field") if name != "ratio_interval"]
    hold(documented, dict.fromkeys(answer.text.splitlines()[0].split(","), True))


def members(of: Any, before: str = "") -> Iterator[str]:
    """The dotted names of the members of a JSON value at every depth. An estimate is one member."""
    for one in of if isinstance(of, list) else ():
        yield from members(one, before)
    if isinstance(of, dict) and not set(of) <= ESTIMATE:
        for name, value in of.items():
            if name != "reason":  # beside what cannot be given, wherever it is
                path = f"{before}.{name}".lstrip(".")
                yield path
                yield from members(value, path)


def test_report_both_ways(service):
    """By the reports of two models: people in the middle are promoted and an input looks wrong; and data that cannot
    be cross-validated.
    """
    middle = [{"years_of_experience": 3, "performance_score": s, "promoted": 30 < s < 70} for s in range(0, 100, 6)]
    once = [{"years_of_experience": s, "performance_score": s, "promoted": s == 3} for s in range(4)]
    reports = [service.post("/train?report=true", records).json()["report"] for records in (middle, once)]
    found = {name for report in reports for name in members(report)}
    keys = re.findall(r"^### (.+)$", read(ROOT / "docs/models.md"), re.MULTILINE)
    assert sorted(keys) == sorted({name.split(".", 1)[0] for name in found})
    for key in keys:
        there = {name.removeprefix(f"{key}.") for name in found if name.startswith(f"{key}.")}
        there -= {name.replace("metrics.", "baselines.") for name in there if name.startswith("metrics.")}
        there -= {f"monotone.where.others.{name}" for name in ("input", "from", "to")}  # in the row of `others`
        leaves = {name: not any(other.startswith(f"{name}.") for other in there) for name in there}
        hold(named(section("models.md", key), "key"), leaves)

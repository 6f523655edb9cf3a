"""Explanations of many, written from columns, are byte for byte those of each employee alone, which msgspec writes."""

import csv
import io
from dataclasses import replace

import msgspec
import numpy as np
import pytest

from app.api.bodies.csv_cells import CsvCells
from app.api.explanations import explaining, text_columns, text_rows
from app.api.explanations.csv import COLUMNS, write_explained_csv
from app.api.explanations.explaining import explained_score, explained_scores
from app.api.explanations.json import write_explained_rows
from app.api.explanations.options import DEFAULT
from app.api.json_answer import write_explained_json
from app.api.open_inference.outputs import DATATYPES, WIDE, outputs
from app.insight.evidence.evidence import collect, tensors
from app.insight.question import Question
from app.network.fit import fit
from app.network.options import FitOptions
from app.network.parameters import Parameters
from app.network.training_set import pose
from app.registry import evidence_file
from app.registry.model_version import ModelVersion

IDS = [
    None,
    "E-1",
    'quote "',
    '",',
    "comma, colon: {}",
    "back\\slash",
    "line\nend",
    "é\u2028",
    "名前",
    "",
    "\x00",
    "null",
]


def hr_like(n=400, seed=0):
    """Years to a tenth 2 to 30, whole scores 20 to 95 that rise with them, and decisions that both of them move."""
    rng = np.random.default_rng(seed)
    years = np.round(rng.uniform(2, 30, n), 1)
    X = np.column_stack([years, np.clip(np.rint(30 + 2 * years + rng.normal(0, 8, n)), 20, 95)])
    z = 0.15 * (X[:, 0] - 12) + 0.12 * (X[:, 1] - 65) - 0.01 * (X[:, 0] - 12) ** 2
    return X, (rng.random(n) < 1 / (1 + np.exp(-z))).astype(float)


def odd_employees(n, seed=1):
    """Corners of the ranges, points off every lattice, a negative zero, equal rows, and everything between."""
    rng = np.random.default_rng(seed)
    common = np.column_stack([np.round(rng.uniform(0, 80, n), 1), rng.integers(0, 101, n)])
    rows = np.where(rng.random((n, 1)) < 0.7, common, rng.uniform([0, 0], [80, 100], (n, 2)))
    special = [
        [0, 0],
        [80, 100],
        [-0.0, -0.0],
        [0, 100],
        [80, 0],
        [1e-320, 5e-324],
        [80, 99.99999999999],
        [0.1 + 0.2, 7],
    ]
    return np.concatenate([np.array(special), rows, rows[:20]])


def version(parameters, threshold, rows=400):
    """A model version as far as scoring needs one; its evidence is that of so many HR-like rows."""
    posed = FitOptions(parameters.kind, hidden_units=len(parameters.output))
    evidence = collect(pose(*hr_like(rows), posed), parameters, threshold)
    return ModelVersion(
        version=3,
        created_at="",
        training_id="",
        digest="",
        threshold=threshold,
        parameters=parameters,
        weights_file=b"",
        card={},
        evidence_file=evidence_file.encode(tensors(evidence)),
        report=None,
    )


def fitted(kind):
    run = fit(*hr_like(), FitOptions(network=kind))
    while True:
        try:
            next(run)
        except StopIteration as end:
            return end.value.parameters


@pytest.fixture(scope="module")
def models():
    """By name: fitted ones, a strict threshold that nobody can reach from everywhere, and what no data would give."""
    network, neuron = fitted("two_layer"), fitted("single_neuron")
    nothing = Parameters(hidden=None, hidden_bias=None, output=np.zeros(2), output_bias=-0.0)
    years_only = Parameters(hidden=None, hidden_bias=None, output=np.array([0.3, 0.0]), output_bias=-4.0)
    years_first = Parameters(hidden=None, hidden_bias=None, output=np.array([0.3, 0.04]), output_bias=-12.0)
    huge = Parameters(hidden=None, hidden_bias=None, output=np.array([1e20, -3e19]), output_bias=1e18)
    return {
        "network": version(network, 0.5),
        "strict": version(network, 0.9),
        "neuron": version(neuron, 0.5, rows=40),
        "nothing": version(nothing, 0.5),
        "years only": version(years_only, 0.4),
        "years first": version(years_first, 0.4),
        "huge": version(huge, 0.5),
    }


QUESTIONS = {
    "plain": DEFAULT,
    "just above": replace(DEFAULT, background="just_above_threshold", level=0.5),
    "robust": replace(DEFAULT, robust=True),
    "steps": Question(steps=(0.7, 2.5)),
}
CASES = [(name, question) for name in ("network", "strict", "neuron") for question in QUESTIONS]
CASES += [(name, "plain") for name in ("nothing", "years only", "years first", "huge")]


def employees(n=400):
    inputs = odd_employees(n)
    return [IDS[i % len(IDS)] for i in range(len(inputs))], inputs


def alone(model, question, where, ids, inputs):
    """The answers of each employee asked for alone, put together."""
    answers = [
        write_explained_json(model, employee_id, explained_score(model, question, where, x))
        for employee_id, x in zip(ids, inputs.tolist(), strict=True)
    ]
    begin = answers[0].index(b"[") + 1
    return answers[0][:begin] + b",".join(answer[begin:-2] for answer in answers) + b"]}"


def together(model, question, where, ids, inputs):
    return write_explained_rows(model, ids, explained_scores(model, question, where, inputs))


@pytest.mark.parametrize(("name", "question"), CASES)
@pytest.mark.parametrize("where", [None, "not_promoted", "near_threshold", "warned"])
def test_many_are_written_as_each_alone(models, name, question, where):
    model, asked = models[name], QUESTIONS[question]
    ids, inputs = employees(60 if asked.robust else 400)
    assert together(model, asked, where, ids, inputs) == alone(model, asked, where, ids, inputs)


def test_the_cases_hold_every_kind_of_explanation(models):
    """Otherwise the tests above would say little."""
    changes, outside, warnings, reasons, inputs = set(), set(), set(), set(), set()
    for name, question in CASES:
        answer = msgspec.json.decode(together(models[name], QUESTIONS[question], None, *employees(60)))
        for prediction in answer["predictions"]:
            given = prediction["explanation"]
            changes.add(tuple(tuple(change["inputs"]) for change in given["changes"]))
            outside.add(tuple(one["input"] for one in given["outside_training_data"]))
            warnings.add(tuple(given["warnings"]))
            reasons.add(tuple(reason["code"] for reason in given["reasons"]))
            inputs |= {repr(one["value"]) for one in given["contributions"]}
    years, points = "years_of_experience", "performance_score"
    assert changes >= {(), ((years,),), ((points,),), ((points,), (years,)), ((years,), (points,)), ((years, points),)}
    assert any(len(kinds) == 3 for kinds in changes)
    assert outside == {(), (years,), (points,), (years, points), (None,)}
    assert len(warnings) == 8
    assert {(), (f"{years}_raised",), (f"{points}_lowered", f"{years}_raised")} <= reasons
    assert {"-0.0", "0.0", "1e-320"} <= inputs


def test_of_one_employee_and_of_nobody_chosen(models):
    model, inputs = models["network"], np.array([[6.5, 82.0]])
    assert together(model, DEFAULT, None, ["E-1"], inputs) == alone(model, DEFAULT, None, ["E-1"], inputs)
    least = np.zeros((3, 2))
    nobody = together(models["strict"], DEFAULT, "near_threshold", [None] * 3, least)
    assert [one["explanation"] for one in msgspec.json.decode(nobody)["predictions"]] == [None] * 3


def test_blocks_leave_no_trace(models, monkeypatch):
    model, (ids, inputs) = models["network"], employees(100)
    whole = together(model, DEFAULT, "warned", ids, inputs)
    table = write_explained_csv(CsvCells.of(map(str, ids)), explained_scores(model, DEFAULT, "warned", inputs))
    monkeypatch.setattr(explaining, "_BLOCK_ROWS", 32)
    monkeypatch.setattr(text_rows, "_JOINED_ROWS", 7)
    assert together(model, DEFAULT, "warned", ids, inputs) == whole
    again = write_explained_csv(CsvCells.of(map(str, ids)), explained_scores(model, DEFAULT, "warned", inputs))
    assert again == table


def test_numbers_are_those_of_msgspec():
    rng = np.random.default_rng(2)
    values = rng.integers(-(2**63), 2**63 - 1, 20000).view(float)
    values = np.concatenate([values[np.isfinite(values)], 10.0 ** np.arange(-323, 309), [0.0, -0.0, 0.1 + 0.2, -1e16]])
    assert text_columns.numbers(values) == [msgspec.json.encode(value) for value in values.tolist()]
    assert text_columns.numbers(values[:4].reshape(2, 2)) == [
        b"%b,%b" % tuple(map(msgspec.json.encode, pair)) for pair in values[:4].reshape(2, 2).tolist()
    ]


@pytest.mark.parametrize(("name", "question"), CASES)
@pytest.mark.parametrize("where", [None, "near_threshold"])
def test_csv_says_the_same(models, name, question, where):
    model, asked = models[name], QUESTIONS[question]
    ids, inputs = employees(60)
    cells = CsvCells.of("" if employee_id is None else employee_id for employee_id in ids)
    table = write_explained_csv(cells, explained_scores(model, asked, where, inputs)).tobytes().decode()
    header, *rows = csv.reader(io.StringIO(table, newline=""))
    assert tuple(header) == COLUMNS
    predictions = msgspec.json.decode(alone(model, asked, where, ids, inputs))["predictions"]
    assert rows == [_cells(prediction) for prediction in predictions]


def _cells(prediction):
    """A row of the table, from the JSON."""

    def text(value):
        return "" if value is None else value if isinstance(value, str) else msgspec.json.encode(value).decode()

    cells = [prediction["employee_id"], prediction["probability"], prediction["promote"]]
    given = prediction["explanation"]
    if given is None:
        return [*map(text, cells), *[""] * (len(COLUMNS) - 3)]
    cells += [given["base_logit"], given["base_probability"]]
    cells += [one[scale] for one in given["contributions"] for scale in ("logit", "probability")]
    reasons = [reason["text"] for reason in given["reasons"]]
    cells += [given["residual"], *reasons, *[None] * (2 - len(reasons))]
    change = given["changes"][0] if given["changes"] else {"inputs": {}}
    values = [change["inputs"].get(name) for name in ("years_of_experience", "performance_score")]
    cells += [change.get("text"), *values, change.get("probability"), change.get("distance")]
    cells += [given["highest_reachable_probability"], given["interval"]["low"], given["interval"]["high"]]
    return list(map(text, [*cells, ";".join(given["warnings"]), given["refer_to_person"]]))


@pytest.mark.parametrize(("name", "question"), CASES)
def test_the_protocol_says_the_same(models, name, question):
    model, asked = models[name], QUESTIONS[question]
    ids, inputs = employees(60)
    found = outputs(model, asked, inputs, list(DATATYPES))
    predictions = msgspec.json.decode(alone(model, asked, None, ids, inputs))["predictions"]
    assert set(found) == set(DATATYPES)
    for output, values in found.items():
        assert values.shape == ((len(inputs), 2) if output in WIDE else (len(inputs),))
        assert values.dtype == (bool if DATATYPES[output] == "BOOL" else float)
        assert values.flags.c_contiguous  # they are sent as they lie
        said = [_output(prediction, output) for prediction in predictions]
        assert np.array_equal(values, np.array(said)), output


def _output(prediction, output):
    given = prediction["explanation"]
    nearest = given["changes"][0]["inputs"] if given["changes"] else {}
    return {
        **prediction,
        **given,
        "contributions_logit": [one["logit"] for one in given["contributions"]],
        "contributions_probability": [one["probability"] for one in given["contributions"]],
        "interval_low": given["interval"]["low"],
        "interval_high": given["interval"]["high"],
        "nearest_change": [nearest.get(one["input"], one["value"]) for one in given["contributions"]],
        "nearest_change_found": bool(given["changes"]),
        **{code: code in given["warnings"] for code in ("interval_crosses_threshold", "few_similar_cases")},
        "outside_training_data": "outside_training_data" in given["warnings"],
    }[output]

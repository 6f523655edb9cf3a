"""POST /predict?explain=true: what an explanation says, held to the model's published weights and to itself."""

import csv
import io
import json
import sqlite3
import threading
from contextlib import closing
from math import exp, log

import pytest

EMPLOYEES = [
    {"employee_id": "E-1", "years_of_experience": 6.5, "performance_score": 82},
    {"employee_id": "E-2", "years_of_experience": 25, "performance_score": 95.5},
    {"employee_id": 'é,"', "years_of_experience": 0, "performance_score": 0},
    {"years_of_experience": 79.25, "performance_score": 12.125},
    {"employee_id": "E-5", "years_of_experience": 12, "performance_score": 74},
]
INPUTS = ("years_of_experience", "performance_score")


def explained(service, employees=EMPLOYEES, query=""):
    answer = service.post(f"/predict?explain=true{query}", employees)
    assert answer.status_code == 200, answer.text
    return answer.json()["predictions"]


def score(service, inputs, query=""):
    (prediction,) = service.post(f"/predict{query}", [dict(zip(INPUTS, inputs, strict=True))]).json()["predictions"]
    return prediction["probability"], prediction["promote"]


@pytest.mark.parametrize(
    "query", ["", "&model_version=2", "&background=just_above_threshold", "&level=0.5&robust=true"]
)
def test_contributions_add_up_to_the_score(trained, query):
    plain = trained.post("/predict" + ("?model_version=2" if "version" in query else ""), EMPLOYEES).json()[
        "predictions"
    ]
    for prediction, score_alone in zip(explained(trained, query=query), plain, strict=True):
        given = prediction.pop("explanation")
        assert prediction == score_alone
        p, shares = prediction["probability"], given["contributions"]
        assert [share["input"] for share in shares] == list(INPUTS)
        logit = given["base_logit"] + sum(share["logit"] for share in shares) + given["residual"]
        assert logit == pytest.approx(log(p) - log(1 - p), abs=1e-9)
        assert abs(given["residual"]) < 1e-9
        assert given["base_probability"] + sum(share["probability"] for share in shares) == pytest.approx(p, abs=1e-9)
        assert given["interval"]["low"] < p < given["interval"]["high"]


def test_a_single_neuron_contributes_its_weight_times_the_distance_from_the_mean(trained, past_decisions):
    weights = trained.get("/model/versions/2").json()["network"]["weights"]["output"]
    means = [sum(r[name] for r in past_decisions) / len(past_decisions) for name in INPUTS]
    for prediction, employee in zip(explained(trained, query="&model_version=2"), EMPLOYEES, strict=True):
        for share, weight, mean in zip(prediction["explanation"]["contributions"], weights, means, strict=True):
            assert share["value"] == employee[share["input"]]
            assert share["logit"] == pytest.approx(weight * (employee[share["input"]] - mean), abs=1e-9)


@pytest.mark.parametrize("query", ["", "&step.years_of_experience=0.25&step.performance_score=2.5", "&model_version=2"])
def test_a_change_turns_the_decision_and_a_step_less_does_not(trained, query):
    steps = dict(zip(INPUTS, (0.25, 2.5) if "step" in query else (0.5, 1), strict=True))
    version = "?model_version=2" if "version" in query else ""
    found = 0
    for prediction, employee in zip(explained(trained, query=query), EMPLOYEES, strict=True):
        own = {name: employee[name] for name in INPUTS}
        changes = prediction["explanation"]["changes"]
        assert [change["distance"] for change in changes] == sorted(change["distance"] for change in changes)
        for change in changes:
            new = own | change["inputs"]
            assert new["years_of_experience"] >= own["years_of_experience"]
            assert (change["probability"], not prediction["promote"]) == score(trained, new.values(), version)
            for name in change["inputs"]:
                assert (new[name] - own[name]) / steps[name] == pytest.approx(
                    round((new[name] - own[name]) / steps[name])
                )
            if len(change["inputs"]) == 1:
                (name,) = change["inputs"]
                less = new[name] - steps[name] * (1 if new[name] > own[name] else -1)
                assert score(trained, (own | {name: round(less, 10)}).values(), version)[1] == prediction["promote"]
            found += 1
    assert found >= 5


def test_what_is_out_of_reach_is_said(service):
    """Promoted is who has few years: with more of them nobody gets there."""
    rows = [{"years_of_experience": y, "performance_score": 50 + y % 3, "promoted": y < 8} for y in range(40)]
    assert service.post("/train?network=single_neuron&alpha=1", rows).status_code == 201
    (prediction,) = explained(service, [{"years_of_experience": 75, "performance_score": 51}])
    given = prediction["explanation"]
    assert (prediction["promote"], given["changes"]) == (False, [])
    best = max(score(service, (75 + k / 2, s))[0] for k in range(11) for s in range(101))
    assert given["highest_reachable_probability"] == best < 0.5


def test_reasons_name_the_heaviest_input_first_in_words_that_stay(trained):
    (prediction,) = explained(trained, EMPLOYEES[:1])
    shares = {share["input"]: share["probability"] for share in prediction["explanation"]["contributions"]}
    heaviest, lightest = sorted(shares, key=lambda name: -abs(shares[name]))
    first, second = prediction["explanation"]["reasons"]
    for reason, name in ((first, heaviest), (second, lightest)):
        verb = "raised" if shares[name] > 0 else "lowered"
        assert reason["code"] == f"{name}_{verb}"
        assert f"{abs(shares[name]) * 100:.1f} percentage points" in reason["text"]


def test_warnings(trained, past_decisions):
    inside, outside = explained(trained, [EMPLOYEES[0], {"years_of_experience": 79.25, "performance_score": 12.125}])
    assert inside["explanation"]["outside_training_data"] == []
    given = outside["explanation"]
    assert given["outside_training_data"][0] == {
        "input": "years_of_experience",
        "low": min(r["years_of_experience"] for r in past_decisions),
        "high": max(r["years_of_experience"] for r in past_decisions),
    }
    assert {"outside_training_data", "few_similar_cases"} <= set(given["warnings"])
    for prediction in explained(trained):
        given, threshold = prediction["explanation"], 0.5
        crosses = given["interval"]["low"] < threshold <= given["interval"]["high"]
        assert ("interval_crosses_threshold" in given["warnings"]) == crosses
        assert given["refer_to_person"] == bool(given["warnings"])


def test_a_wider_level_is_a_wider_interval(trained):
    widths = []
    for level in (0.5, 0.9, 0.99):
        (prediction,) = explained(trained, EMPLOYEES[:1], f"&level={level}")
        assert prediction["explanation"]["interval"]["level"] == level
        widths.append(prediction["explanation"]["interval"]["high"] - prediction["explanation"]["interval"]["low"])
    assert widths == sorted(widths)


@pytest.mark.parametrize("where", ["not_promoted", "near_threshold", "warned"])
def test_only_those_asked_for_are_explained(trained, where):
    for prediction, whole in zip(explained(trained, query=f"&explain_where={where}"), explained(trained), strict=True):
        chosen = {
            "not_promoted": not whole["promote"],
            "near_threshold": abs(whole["probability"] - 0.5) <= 0.1,
            "warned": whole["explanation"]["refer_to_person"],
        }[where]
        assert prediction == (whole if chosen else whole | {"explanation": None})


def test_alone_and_together_are_the_same_and_the_short_way_is_the_ordinary_one(trained):
    together = explained(trained)
    for employee, prediction in zip(EMPLOYEES, together, strict=True):
        body = json.dumps({"employees": [employee]}).encode()
        short, ordinary = (
            trained.post("/predict?explain=true", body, media_type)
            for media_type in ("application/json", "application/json; charset=utf-8")
        )
        assert short.content == ordinary.content
        assert short.json()["predictions"] == [prediction]


def test_csv_says_the_same(trained):
    text = "employee_id,years_of_experience,performance_score\n" + "".join(
        f"E-{i},{e['years_of_experience']},{e['performance_score']}\n" for i, e in enumerate(EMPLOYEES)
    )
    answer = trained.post("/predict?explain=true", text)
    assert answer.headers["Model-Version"] == "1"
    for row, prediction in zip(csv.DictReader(io.StringIO(answer.text)), explained(trained), strict=True):
        given = prediction["explanation"]
        assert float(row["probability"]) == prediction["probability"]
        assert float(row["base_logit"]) == given["base_logit"]
        for share in given["contributions"]:
            assert float(row[f"{share['input']}.logit"]) == share["logit"]
            assert float(row[f"{share['input']}.probability"]) == share["probability"]
        assert [row["reason_1"], row["reason_2"]] == [reason["text"] for reason in given["reasons"]]
        assert (float(row["interval.low"]), float(row["interval.high"])) == (
            given["interval"]["low"],
            given["interval"]["high"],
        )
        assert row["warnings"].split(";") == (given["warnings"] or [""])
        assert row["refer_to_person"] == json.dumps(given["refer_to_person"])
        nearest = given["changes"][0] if given["changes"] else {"inputs": {}}
        for name in INPUTS:
            assert row[f"change.{name}"] == (str(float(nearest["inputs"][name])) if name in nearest["inputs"] else "")
    skipped = trained.post("/predict?explain=true&explain_where=near_threshold", text).text.splitlines()
    assert skipped[3].count(",") == skipped[0].count(",")
    assert skipped[3].endswith("," * 19)


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("robust=true", "robust needs explain=true"),
        ("explain=false&step.performance_score=2", "step.performance_score needs explain=true"),
        ("explain=true&level=1", "level"),
        ("explain=true&background=everybody", "background"),
        ("explain=true&step.performance_score=0", "step.performance_score"),
        ("explain=true&step.performance_score=0.1&step.years_of_experience=0.1", "step"),
        ("explain=true&step.performance_score=0.30000000000000004", "step"),
    ],
)
def test_what_cannot_be_asked(trained, query, said):
    answer = trained.post(f"/predict?{query}", EMPLOYEES[:1])
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_options")
    assert said in answer.json()["detail"]


def test_the_defaults_may_be_said_without_asking_for_explanations(trained):
    """Swagger UI sends them all."""
    query = "explain=false&background=training&level=0.9&robust=false&step.years_of_experience=0.5"
    said = trained.post(f"/predict?{query}&step.performance_score=1", EMPLOYEES)
    assert (said.status_code, said.content) == (200, trained.post("/predict", EMPLOYEES).content)


def test_a_model_that_promotes_nobody_has_nobody_just_above_its_threshold(service, past_decisions):
    assert service.post("/train?threshold=1&network=single_neuron", past_decisions).status_code == 201
    for employees in (EMPLOYEES[:1], EMPLOYEES):
        answer = service.post("/predict?explain=true&background=just_above_threshold", employees)
        assert (answer.status_code, answer.json()["code"]) == (422, "invalid_options")
    assert explained(service)[0]["explanation"]["background"]["name"] == "training"


def test_nobody_is_explained_as_nobody(trained):
    for query in ("", "&explain_where=warned"):
        answer = trained.post(f"/predict?explain=true{query}", [])
        assert answer.json() == {"model_version": 1, "threshold": 0.5, "predictions": []}


def test_damaged_evidence_costs_the_explanations_and_nothing_else(serve, past_decisions, tmp_path):
    service = serve(tmp_path)
    service.post("/train", past_decisions)
    scores = service.post("/predict", EMPLOYEES).content
    service.close()
    with closing(sqlite3.connect(tmp_path / "promotion.db")) as connection:
        (evidence,) = connection.execute("SELECT evidence FROM model_versions").fetchone()
        damaged = evidence[:500] + bytes([evidence[500] ^ 1]) + evidence[501:]
        connection.execute("UPDATE model_versions SET evidence = ?", [damaged])
        connection.commit()
    again = serve(tmp_path)
    assert again.post("/predict", EMPLOYEES).content == scores
    for employees in (EMPLOYEES, EMPLOYEES[:1]):
        answer = again.post("/predict?explain=true", employees)
        assert (answer.status_code, answer.json()["code"]) == (503, "store_unavailable")


@pytest.mark.parametrize(("many", "query"), [(1200, "&robust=true"), (1, "&robust=true&step.performance_score=0.2")])
def test_nobody_waits_for_an_explanation(service, past_decisions, many, query):
    """Employees off every lattice take a while, also in a small body; the event loop goes on meanwhile."""
    service.post("/train?network=single_neuron", past_decisions)
    rows = "".join(f"{i % 40 + i / 1000003:.7f},{i % 90 + i / 999983:.7f}\n" for i in range(1, many + 1))
    body = f"{','.join(INPUTS)}\n{rows}"
    seen = []
    endpoint = service.app.state.registry.to_score_with

    def noting(number):
        seen.append(threading.current_thread())
        return endpoint(number)

    service.app.state.registry.to_score_with = noting
    loop_thread = service.call(_this_thread)
    assert service.post(f"/predict?explain=true{query}", body).status_code == 200
    assert service.post(f"/predict?explain=true{query}", EMPLOYEES[:1]).status_code == 200
    assert len(seen) == 2
    assert loop_thread not in seen


async def _this_thread():
    return threading.current_thread()


def test_explanations_outlive_the_process(serve, past_decisions, tmp_path):
    first = serve(tmp_path)
    first.post("/train", past_decisions)
    before = explained(first)
    first.close()
    assert explained(serve(tmp_path)) == before


def test_a_sigmoid_by_hand_gives_the_interval_of_a_single_neuron(trained, past_decisions):
    """Z ± q·√(gᵀH⁻¹g) with g = (x̃₁, x̃₂, 1), computed from the records once more."""
    import numpy as np  # noqa: PLC0415

    model = trained.get("/model/versions/2").json()
    w, b = model["network"]["weights"]["output"], model["network"]["weights"]["output_bias"]
    X = np.array([[r[name] for name in INPUTS] for r in past_decisions])
    scaled = np.column_stack([(X - X.mean(axis=0)) / X.std(axis=0), np.ones(len(X))])
    p = 1 / (1 + np.exp(-(X @ w + b)))
    H = (scaled * (p * (1 - p))[:, None]).T @ scaled + np.diag([0.1, 0.1, 0])
    x = np.array([EMPLOYEES[0][name] for name in INPUTS])
    g = np.append((x - X.mean(axis=0)) / X.std(axis=0), 1)
    z, reach = float(x @ w + b), 1.6448536269514722 * float(np.sqrt(g @ np.linalg.solve(H, g)))
    (prediction,) = explained(trained, EMPLOYEES[:1], "&model_version=2")
    interval = prediction["explanation"]["interval"]
    assert interval["low"] == pytest.approx(1 / (1 + exp(reach - z)), rel=1e-6)
    assert interval["high"] == pytest.approx(1 / (1 + exp(-z - reach)), rel=1e-6)

"""POST /audit: the rule's numbers over HTTP, the same in both formats, and every fault at its place."""

import csv
import io
import json

import numpy as np
import pytest

from app.network.forward import score
from app.network.parameters import Parameters

RULE = [("Male", True, 50), ("Male", False, 42), ("Female", True, 34), ("Female", False, 42)]
UNKNOWN = [(None, "White", False, 2), ("Female", None, True, 3), ("", "", True, 1)]


def records(rows, kind="selected"):
    return {"decisions": [{"sex": s, "race_ethnicity": r, kind: happened, "count": n} for s, r, happened, n in rows]}


def rule(*more):
    return records([*((sex, "White", chosen, n) for sex, chosen, n in RULE), *more])


def as_csv(body):
    """The same with a column for every key."""
    names = sorted({name for record in body["decisions"] for name in record})
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(names)
    for record in body["decisions"]:
        writer.writerow(["" if record.get(name) is None else record[name] for name in names])
    return text.getvalue()


def by_category(rows):
    return {row["category"]: row for row in rows}


def audited(service, body, query="", **headers):
    content = json.dumps(body) if isinstance(body, dict) else body
    kind = "text/csv" if isinstance(body, str) else "application/json"
    return service.send("POST", f"/audit{query}", content=content, headers={"Content-Type": kind, **headers})


def test_a_label_comes_back_whole_whatever_is_in_it(trained):
    labels = ["a\rb", 'c"d', "e,f", "g\nh"]
    body = {"decisions": [{"sex": label, "race_ethnicity": None, "selected": True} for label in labels]}
    text = audited(trained, body, Accept="text/csv").content.decode()
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    assert sorted(row["category"] for row in rows if row["table"] == "sex") == sorted(labels)


def test_the_rules_own_example(service):
    answer = audited(service, rule())
    assert answer.status_code == 200, answer.text
    found = answer.json()
    female, male = found["tables"]["sex"]
    assert (male["n"], round(male["rate"], 3), male["impact_ratio"], male["reference"]) == (92, 0.543, 1.0, True)
    assert (female["n"], round(female["rate"], 3), round(female["impact_ratio"], 4)) == (76, 0.447, 0.8232)
    assert (round(female["z"], 4), round(female["fisher_p"], 5)) == (-1.2401, 0.27786)
    assert (round(female["mid_p"], 5), female["shortfall"], female["verdict"]) == (0.22033, 4.0, "not_indicated")
    assert (found["basis"], found["model_version"], found["rows"], found["verdict"]) == (
        "selected", None, 168, "not_indicated",
    )  # fmt: skip
    assert found["unknown"] == {"sex": 0, "race_ethnicity": 0, "either": 0}
    assert not {"pools", "pooled", "thresholds", "median"} & set(found)


def test_a_finished_table_is_its_people_one_by_one(service):
    body = rule(*UNKNOWN)
    people = [
        {name: value for name, value in record.items() if name != "count"}
        for record in body["decisions"]
        for _ in range(record["count"])
    ]
    one, other = audited(service, body).json(), audited(service, {"decisions": people}).json()
    assert one == other
    assert one["unknown"] == {"sex": 3, "race_ethnicity": 4, "either": 6}
    assert one["tables"]["intersectional"][0]["n"] == 76


def test_csv_says_what_json_says(service):
    body = rule(*UNKNOWN)
    for record in body["decisions"][::2]:
        record["pool"] = "Sales, East"
    as_json, from_csv = audited(service, body), audited(service, as_csv(body))
    assert as_json.json() == from_csv.json()
    for changed in (as_csv(body).replace("\n", "\r\n"), "\ufeff" + as_csv(body), as_csv(body).replace("True", " YES ")):
        assert audited(service, changed).json() == as_json.json()


def test_columns_by_their_own_names(service):
    text = as_csv(rule()).replace("selected", "promoted").replace("sex", "gender").replace("count", "heads")
    answer = audited(service, text, "?column.selected=promoted&column.sex=gender&column.count=heads")
    assert answer.json() == audited(service, rule()).json()


def test_the_tables_as_csv(service):
    body = rule(*UNKNOWN)
    for record in body["decisions"]:
        record["pool"] = "Sales"
    found = audited(service, body).json()
    answer = audited(service, body, Accept="text/csv")
    assert answer.headers["Content-Type"].startswith("text/csv")
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert [(row["pool"], row["table"]) for row in rows] == [
        (pool, table) for pool in ("", "Sales") for table, of in found["tables"].items() for _ in of
    ]
    for row, expected in zip(rows, [row for table in found["tables"].values() for row in table], strict=False):
        assert (row["category"], int(row["n"]), row["verdict"]) == (
            expected["category"], expected["n"], expected["verdict"] or "",
        )  # fmt: skip
        bounds = expected["bounds"] or {"low": None}
        for cell, value in ((row["impact_ratio"], expected["impact_ratio"]), (row["bounds.low"], bounds["low"])):
            assert (float(cell) if cell else None) == value


def test_scores_are_selected_above_the_median_of_all(service):
    scores = [("F", 1.0, 3), ("F", 4.0, 1), ("M", 4.0, 2), ("M", 9.5, 2), (None, 4.0, 2)]
    body = records([(sex, "x", value, n) for sex, value, n in scores], "score")
    found = audited(service, body).json()
    assert (found["basis"], found["median"]) == ("score", 4.0)  # of 1 1 1 4 4 4 4 4 9.5 9.5
    sex = by_category(found["tables"]["sex"])
    assert (sex["F"]["selected"], sex["F"]["n"], sex["M"]["selected"], sex["M"]["n"]) == (0, 4, 2, 4)
    assert audited(service, as_csv(body)).json() == found
    even = records([("F", "x", 1.0, 2), ("M", "x", 2.0, 2)], "score")
    assert audited(service, even).json()["median"] == 1.5


def employees(n=60):
    rng = np.random.default_rng(3)
    return [
        {
            "sex": ["F", "M", None][i % 3],
            "race_ethnicity": ["x", "y"][i % 2],
            "years_of_experience": float(rng.integers(0, 40)),
            "performance_score": float(rng.integers(0, 101)),
        }
        for i in range(n)
    ]


@pytest.mark.parametrize("version", [1, 2])
def test_what_a_version_would_decide_is_scored_and_seen_over_all_thresholds(trained, version):
    body = {"decisions": employees()}
    found = audited(trained, body, f"?model_version={version}").json()
    assert (found["basis"], found["model_version"]) == ("model", version)
    model = trained.get(f"/model/versions/{version}").json()
    weights = {k: np.array(v) for k, v in model["network"]["weights"].items() if k != "output_bias"}
    parameters = Parameters(
        weights.get("hidden"), weights.get("hidden_bias"), weights["output"],
        model["network"]["weights"]["output_bias"],
    )  # fmt: skip
    X = np.array([[e["years_of_experience"], e["performance_score"]] for e in body["decisions"]])
    p = score(parameters, X)
    of = {name: np.array([e["sex"] == name for e in body["decisions"]]) for name in ("F", "M")}
    rates = {name: row["rate"] for name, row in by_category(found["tables"]["sex"]).items()}
    assert rates == {name: (p[who] >= model["threshold"]).mean() for name, who in of.items()}
    thresholds = found["thresholds"]
    assert [view["threshold"] for view in thresholds if view["current"]] == [model["threshold"]]
    assert [thresholds[0]["threshold"], thresholds[-1]["threshold"], len(thresholds)] == [0.0, 1.0, 101]
    for view in thresholds:
        expected = {name: (p[who] >= view["threshold"]).mean() for name, who in of.items()}
        top = max(expected.values())
        for row in view["sex"]:
            assert row["rate"] == expected[row["category"]]
            assert row["impact_ratio"] == (None if top == 0 else pytest.approx(expected[row["category"]] / top))


def test_scoring_needs_a_model_and_counting_needs_none(service, problem):
    body = {"decisions": employees()}
    problem(audited(service, body), "no_model", 409)
    problem(audited(service, rule(), "?model_version=7"), "unknown_version", 404)
    assert audited(service, rule()).status_code == 200


def test_pools_and_simpson(service):
    pools = {"large": (6, 10, 90, 180), "small": (18, 90, 2, 20)}
    body = {
        "decisions": [
            {"sex": sex, "race_ethnicity": None, "pool": pool, "selected": chosen, "count": count}
            for pool, (a, n1, c, n2) in pools.items()
            for sex, chosen, count in (("F", True, a), ("F", False, n1 - a), ("M", True, c), ("M", False, n2 - c))
        ]
    }
    found = audited(service, body).json()
    assert [(pool["pool"], pool["rows"]) for pool in found["pools"]] == [("large", 190), ("small", 110)]
    (female,) = found["pooled"]["sex"]
    assert female["pooling_reverses"] is True
    assert female["crude_ratio"] == pytest.approx(24 / 100 / (92 / 200))
    assert female["ratio"] == pytest.approx((1080 / 190 + 360 / 110) / (900 / 190 + 180 / 110))
    assert found["pools"][0]["tables"]["sex"][0]["rate"] == 0.6
    assert found["tables"]["race_ethnicity"] == []
    assert found["unknown"]["pool"] == 0


def test_a_small_category_is_left_out_as_asked(service):
    body = rule(("X", "White", True, 2))
    assert by_category(audited(service, body).json()["tables"]["sex"])["X"]["reference"] is True
    found = audited(service, body, "?exclude_below=0.02").json()
    x = by_category(found["tables"]["sex"])["X"]
    assert (x["n"], x["rate"], x["impact_ratio"], x["excluded"]) == (2, 1.0, None, True)
    assert found["exclude_below"] == 0.02


def test_the_page_says_what_the_law_wants_and_escapes_labels(service):
    body = rule(("<script>alert(1)</script>", "White", True, 30), (None, "White", True, 7))
    query = "?source=HR%20%26%20%3Cb%3E&period_start=2025-01-01&period_end=2025-12-31"
    answer = audited(service, body, query, Accept="text/html,application/xhtml+xml,*/*;q=0.8")
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    page = answer.text
    for text in ("HR &amp; &lt;b&gt;", "2025-01-01 to 2025-12-31", "sex of 7", "independent auditor", "&lt;script&gt;"):
        assert text in page
    assert "<script" not in page
    assert "http" not in page  # nothing to fetch
    assert page.count("<table") == 3


def test_the_page_shows_the_threshold_view(trained):
    body = {"decisions": [dict(e, pool="P") for e in employees()]}
    page = audited(trained, body, Accept="text/html").text
    assert page.count("<polyline") == 2 * (2 + 2)
    assert "model version 1" in page
    assert "Pool P" in page


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        (None, "application/json"),
        ("*/*", "application/json"),
        ("text/*", "text/csv"),
        ("text/html;q=0.2, application/json;q=0.1", "text/html"),
        ("text/csv;q=0, */*", "application/json"),
        ("image/png", "application/json"),
        ("TEXT/HTML", "text/html"),
        ("text/html;q=many", "application/json"),
    ],
)
def test_what_the_caller_accepts(service, accept, media_type):
    answer = audited(service, rule(), **({} if accept is None else {"Accept": accept}))
    assert answer.headers["Content-Type"].startswith(media_type)


def fault_pointers(document):
    return {fault["pointer"]: fault["message"] for fault in document["errors"]}


def test_what_could_be_placed_in_two_ways_is_a_number_too(service):
    """One of unknown sex is selected, one of whom nothing is known is not. An integer programme finds the highest."""
    rows = (("00", None, True), (None, None, False), ("0", "0", False), ("00", "0", True))
    answer = service.post("/audit", {"decisions": [{"race_ethnicity": r, "sex": s, "selected": c} for r, s, c in rows]})
    assert answer.status_code == 200, answer.text
    bounds = {of["category"]: of["bounds"] for of in answer.json()["tables"]["intersectional"]}
    assert bounds["0, 0"] == {"low": 0.0, "high": 0.0, "exact": True, "unknowns_to_flip": None}


def test_a_count_of_two_may_be_written_2_0(service):
    body = rule(("Female", "White", True, 2))
    assert (
        audited(service, json.dumps(body).replace('"count": 2}', '"count": 2.0}').encode()).json()
        == audited(service, body).json()
    )


def test_faults_of_json_are_at_their_pointers(service, problem):
    body = rule()
    body["decisions"][0] |= {"count": 0}
    body["decisions"][1] |= {"selected": "Jane"}
    del body["decisions"][2]["sex"]
    body["decisions"][3] |= {"race_ethnicity": "x" * 201, "salary": 90_000}
    document = problem(audited(service, body), "invalid_records", 422)
    assert set(fault_pointers(document)) == {
        "/decisions/0/count", "/decisions/1/selected", "/decisions/2/sex", "/decisions/3/race_ethnicity",
        "/decisions/3/salary",
    }  # fmt: skip
    assert "Jane" not in json.dumps(document)


def test_kinds_are_not_mixed(service, problem):
    body = rule()
    body["decisions"][2] |= {"score": 4.5}
    del body["decisions"][3]["selected"]
    document = problem(audited(service, body), "invalid_records", 422)
    assert fault_pointers(document) == {
        "/decisions/2/score": "Not beside selected, which the first decision has",
        "/decisions/3/selected": "Field required",
    }
    body = {"decisions": [{"sex": "F", "race_ethnicity": None, "selected": True, "score": 1.0}]}
    assert "more than one" in fault_pointers(problem(audited(service, body), "invalid_records", 422))["/decisions/0"]
    body = {"decisions": [{"sex": "F", "race_ethnicity": None}]}
    assert "none of them" in fault_pointers(problem(audited(service, body), "invalid_records", 422))["/decisions/0"]
    problem(audited(service, {"decisions": []}), "invalid_records", 422)


def csv_faults(document):
    return [(fault["row"], fault["column"], fault["message"]) for fault in document["errors"]]


def test_faults_of_csv_are_at_their_rows_and_columns(service, problem):
    text = "gender,race_ethnicity,selected,count\nF,x,maybe,1\nM,y,yes,2.5\n" + "z" * 201 + ",y,no,1\nF,x,yes\n"
    document = problem(audited(service, text, "?column.sex=gender"), "invalid_records", 422)
    assert [(row, column) for row, column, _ in csv_faults(document)] == [
        (2, "selected"), (3, "count"), (4, "gender"), (5, None),
    ]  # fmt: skip
    assert "maybe" not in document["detail"] + json.dumps(document["errors"])


@pytest.mark.parametrize(
    ("header", "said"),
    [
        ("sex,race_ethnicity", "none of them"),
        ("sex,race_ethnicity,selected,score", "more than one of them"),
        ("sex,race_ethnicity,selected,years_of_experience,performance_score", "more than one of them"),
        ("sex,selected", "missing"),
        ("sex,race_ethnicity,performance_score", "missing"),
    ],
)
def test_what_a_file_lacks_is_said_of_its_header(service, problem, header, said):
    document = problem(audited(service, header + "\n"), "invalid_records", 422)
    assert said in csv_faults(document)[0][2]
    assert csv_faults(document)[0][0] == 1


def test_an_option_settles_which_column_counts(service):
    text = as_csv(rule()).replace("selected", "promoted")
    lines = text.splitlines()
    with_inputs = "\n".join(
        [lines[0] + ",years_of_experience,performance_score", *(f"{line},4,70" for line in lines[1:])]
    )
    answer = audited(service, with_inputs, "?column.selected=promoted")
    assert answer.json() == audited(service, rule()).json()


def test_labels_without_end_are_refused(service, problem):
    many = records([("F", f"group {i}", True, 1) for i in range(51)])
    for body in (many, as_csv(many)):
        document = problem(audited(service, body), "invalid_records", 422)
        assert "more than 50" in document["errors"][0]["message"]
        assert "group" not in json.dumps(document["errors"])


def test_a_period_ends_after_it_starts(service, problem):
    answer = audited(service, rule(), "?period_start=2026-01-02&period_end=2026-01-01")
    assert problem(answer, "invalid_options", 422)["detail"].startswith("period_end: ")


def test_a_large_body_is_audited_in_a_process_of_its_own(trained):
    rng = np.random.default_rng(0)
    n = 60_000
    rows = zip(rng.choice(["F", "M", ""], n), rng.choice(["x", "y"], n), rng.choice(["1", "0"], n), strict=True)
    text = "sex,race_ethnicity,selected\n" + "\n".join(",".join(row) for row in rows)
    large = text + "\n" * 1_000_000  # blank lines are skipped
    assert audited(trained, large).json() == audited(trained, text).json()
    page = audited(trained, large, Accept="text/html")
    assert page.text == audited(trained, text, Accept="text/html").text


def test_categories_and_pools_are_in_natural_order(service):
    regions = [f"region {i}" for i in (10, 2, 1, 9)]
    rows = [(sex, region, i % 2 == 0, 5) for i, region in enumerate(regions) for sex in ("F", "M")]
    body = records(rows)
    for record, pool in zip(body["decisions"], ["Team 12", "Team 3"] * 4, strict=True):
        record["pool"] = pool
    ordered = ["region 1", "region 2", "region 9", "region 10"]
    found = audited(service, body).json()
    assert [row["category"] for row in found["tables"]["race_ethnicity"]] == ordered
    assert [row["category"] for row in found["tables"]["intersectional"]] == [
        f"{sex}, {region}" for sex in "FM" for region in ordered
    ]
    assert [pool["pool"] for pool in found["pools"]] == ["Team 3", "Team 12"]
    by_rows = csv.DictReader(io.StringIO(audited(service, body, Accept="text/csv").text))
    first = [row["category"] for row in by_rows if (row["pool"], row["table"]) == ("", "race_ethnicity")]
    assert first == ordered


def test_pooled_verdicts_of_many_comparisons_go_by_the_adjusted_p(service):
    """tests/impact/test_pooled.py derives the numbers."""
    people = [("F", "x", 30), ("F", "y", 45), ("M", "x", 46), ("M", "y", 60)]
    body = records([row for s, r, k in people for row in ((s, r, True, k), (s, r, False, 100 - k))])
    for record in body["decisions"]:
        record["pool"] = "Sales"
    pooled = audited(service, body).json()["pooled"]
    rows = by_category(pooled["intersectional"])
    assert (round(rows["F, y"]["p"], 5), round(rows["F, y"]["holm_p"], 5)) == (0.03412, 0.06824)
    assert (rows["F, x"]["verdict"], rows["F, y"]["verdict"]) == ("adverse_indicated", "conflicting")
    assert [row["holm_p"] for row in pooled["sex"] + pooled["race_ethnicity"]] == [None, None]
    page = audited(service, body, Accept="text/html").text
    (row,) = (line for line in page.splitlines() if "F, y</th>" in line and "Mantel-Haenszel" in line)
    assert "<td>0.0682</td>" in row
    assert "0.0341" not in row
    (row,) = (line for line in page.splitlines() if "F, x</th>" in line and "Mantel-Haenszel" in line)
    assert "<td>&lt; .0001</td>" in row
    assert "p &lt; .0001" in row
    assert "0.0000" not in page

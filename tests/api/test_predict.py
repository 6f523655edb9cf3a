"""POST /predict: in order, ids as they came, the same whatever the format, the size and the company."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

IDS = [
    "0042",
    " padded ",
    "Zoë Ångström 石川 🙂",
    'comma, "quote"',
    "new\nline",
    "carriage\rreturn",
    "both\r\n",
    "x" * 200,
    "\u0000\u200b",
    "",
    "null",
]
inputs = st.tuples(st.floats(0, 80), st.floats(0, 100))


def employees(pairs, ids=()):
    records = [{"years_of_experience": years, "performance_score": score} for years, score in pairs]
    return [{"employee_id": i} | record for i, record in zip(ids, records, strict=True)] if ids else records


def test_scores_in_order_with_ids(trained):
    body = employees([(1, 40), (20, 95), (6.5, 82)], ["b", "a", "b"])
    answer = trained.post("/predict", body).json()
    assert list(answer) == ["model_version", "threshold", "predictions"]
    assert (answer["model_version"], answer["threshold"]) == (1, 0.5)
    assert [p["employee_id"] for p in answer["predictions"]] == ["b", "a", "b"]
    low, high, middle = (p["probability"] for p in answer["predictions"])
    assert 0 < low < middle < high < 1


@pytest.mark.parametrize("employee_id", IDS, ids=range(len(IDS)))
def test_ids_come_back_exactly_in_json(trained, employee_id):
    answer = trained.post("/predict", employees([(1, 40)], [employee_id])).json()
    assert answer["predictions"][0]["employee_id"] == employee_id


def test_json_escapes_are_the_characters_they_stand_for(trained):
    record = rb'{"employee_id": "\u00e9\ud83d\ude42\n\"\/\\", "years_of_experience": 1, "performance_score": 2}'
    assert (
        trained.post("/predict", b'{"employees": [%s]}' % record).json()["predictions"][0]["employee_id"] == 'é🙂\n"/\\'
    )


def test_null_and_absent_ids_are_null(trained):
    body = [*employees([(1, 2)], [None]), *employees([(1, 2)])]
    assert [p["employee_id"] for p in trained.post("/predict", body).json()["predictions"]] == [None, None]


def test_ids_come_back_exactly_in_csv(trained, as_csv):
    answer = trained.post("/predict", as_csv(employees([(1, 40)] * len(IDS), IDS)))
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert answer.headers["Model-Version"] == "1"
    rows = list(csv.DictReader(io.StringIO(answer.text, newline="")))
    assert list(rows[0]) == ["employee_id", "probability", "promote"]
    assert [row["employee_id"] for row in rows] == IDS


def test_csv_without_ids_answers_empty_ids(trained):
    answer = trained.post("/predict", "performance_score,years_of_experience\n82,6.5\n").text
    probability = trained.post("/predict", employees([(6.5, 82)])).json()["predictions"][0]["probability"]
    assert answer == f"employee_id,probability,promote\n,{probability!r},{str(probability >= 0.5).lower()}\n"


def test_a_byte_order_mark_is_no_part_of_the_first_column(trained):
    answer = trained.post("/predict", "\ufeffemployee_id,years_of_experience,performance_score\nE-1,1,2\n").text
    assert answer.splitlines()[1].startswith("E-1,0.")
    quoted = trained.post("/predict", '\ufeff"employee_id",years_of_experience,performance_score\nE-1,1,2\n').text
    assert quoted == answer


@given(st.lists(inputs, max_size=12))
def test_a_batch_is_its_single_calls_bit_for_bit(trained, pairs):
    batch = trained.post("/predict", employees(pairs)).json()["predictions"]
    alone = [trained.post("/predict", employees([pair])).json()["predictions"][0] for pair in pairs]
    assert batch == alone


@given(st.lists(inputs, min_size=1, max_size=12))
def test_csv_and_json_give_the_same_numbers(trained, as_csv, pairs):
    rows = csv.DictReader(io.StringIO(trained.post("/predict", as_csv(employees(pairs))).text))
    scores = trained.post("/predict", employees(pairs)).json()["predictions"]
    assert [(float(r["probability"]), r["promote"] == "true") for r in rows] == [
        (s["probability"], s["promote"]) for s in scores
    ]


def test_a_large_body_scores_as_a_small_one(trained, as_csv, past_decisions):
    one = employees([(record["years_of_experience"], record["performance_score"]) for record in past_decisions])
    large = one * 40
    assert len(as_csv(large)) > 2 * 32 * 1024
    small = trained.post("/predict", one).json()["predictions"]
    assert trained.post("/predict", large).json()["predictions"] == small * 40
    rows = csv.DictReader(io.StringIO(trained.post("/predict", as_csv(large)).text))
    assert [float(row["probability"]) for row in rows] == [s["probability"] for s in small * 40]


@pytest.mark.parametrize("promoted", [True, 0, "yes", None, 7.5, {"why": ["so"]}, [[]]], ids=str)
def test_promoted_is_ignored(trained, promoted):
    record = employees([(6.5, 82)], ["a"])[0]
    expected = trained.post("/predict", [record]).json()
    assert trained.post("/predict", [record | {"promoted": promoted}]).json() == expected


def test_promoted_is_ignored_in_csv(trained):
    header, row = "years_of_experience,performance_score", "6.5,82"
    expected = trained.post("/predict", f"{header}\n{row}\n").text
    assert trained.post("/predict", f"promoted,{header},bonus\nperhaps,{row},x\n").text == expected


def test_no_employees_give_no_predictions(trained):
    assert trained.post("/predict", []).json()["predictions"] == []
    assert trained.post("/predict", "years_of_experience,performance_score\n").text == (
        "employee_id,probability,promote\n"
    )


def test_a_version_can_be_named(trained):
    body = employees([(6.5, 82), (3, 60)])
    active, second = trained.post("/predict", body).json(), trained.post("/predict?model_version=2", body).json()
    assert (second["model_version"], second["threshold"]) == (2, 0.25)
    assert trained.post("/predict?model_version=1", body).json() == active
    assert second["predictions"] != active["predictions"]


def test_promote_begins_at_the_threshold(serve, past_decisions):
    service = serve()
    service.post("/train?network=single_neuron", past_decisions)
    pair = employees([(6.5, 82)])
    probability = service.post("/predict", pair).json()["predictions"][0]["probability"]
    above = float.fromhex((probability * (1 + 2**-52)).hex())
    assert above > probability
    for threshold, promote in ((probability, True), (above, False), (0, True), (1, False)):
        service.post(f"/train?network=single_neuron&threshold={threshold!r}", past_decisions)
        answer = service.post("/predict", pair).json()
        assert answer["threshold"] == threshold
        assert answer["predictions"][0] == {"employee_id": None, "probability": probability, "promote": promote}


def test_without_a_model_there_is_no_score(empty, problem):
    for body in (employees([(1, 2)]), "years_of_experience,performance_score\n1,2\n"):
        assert problem(empty.post("/predict", body), "no_model", 409)["detail"] == "No model is active."


@pytest.mark.parametrize("number", [3, 2147483647])
def test_an_unknown_version_is_named(trained, problem, number):
    document = problem(trained.post(f"/predict?model_version={number}", employees([(1, 2)])), "unknown_version", 404)
    assert str(number) in document["detail"]

"""The words, columns and spellings that a CSV of past decisions may have."""

import pytest

FIELDS = "employee_id,years_of_experience,performance_score,promoted"


@pytest.fixture(scope="module")
def plain(trained, past_decisions):
    """The digest of the records that every spelling below stands for."""
    assert trained.get("/model").json()["training"]["rows"] == len(past_decisions)
    return trained.get("/model").json()["training"]["records_digest"]


def spelt(records, yes, no, header=FIELDS):
    lines = [
        f"{r['employee_id']},{r['years_of_experience']},{r['performance_score']},{(yes if r['promoted'] else no)}"
        for r in records
    ]
    return "\n".join([header, *lines])


@pytest.mark.parametrize(
    ("yes", "no"),
    [("true", "false"), ("TRUE", "False"), ("yes", "No"), ("Y", "n"), ("1", "0"), (" yes ", '"no"')],
)
def test_decisions_in_csv(service, past_decisions, plain, yes, no):
    model = service.post("/train?network=single_neuron", spelt(past_decisions, yes, no)).json()
    assert model["training"]["records_digest"] == plain


@pytest.mark.parametrize(("yes", "no"), [(True, False), (1, 0)])
def test_decisions_in_json(service, past_decisions, plain, yes, no):
    records = [record | {"promoted": yes if record["promoted"] else no} for record in past_decisions]
    model = service.post("/train?network=single_neuron", records).json()
    assert model["training"]["records_digest"] == plain
    assert model["training"]["promoted"] == sum(record["promoted"] for record in past_decisions)


def test_columns_of_somebody_elses_file(service, past_decisions, plain):
    body = spelt(past_decisions, "1", "0", "no,length of service,KPI %,was")
    query = "column.years_of_experience=length+of+service&column.performance_score=KPI%20%25&column.promoted=was"
    model = service.post(f"/train?network=single_neuron&{query}&column.employee_id=no", body).json()
    assert model["training"]["records_digest"] == plain
    scores = service.post(f"/predict?{query}&column.employee_id=no", body).text.splitlines()
    assert scores[1].startswith(past_decisions[0]["employee_id"] + ",0.")


def test_a_column_option_takes_the_place_of_the_fields_own_name(service, faults):
    body = "years_of_experience,performance_score,promoted,years\n1,2,1,x\n"
    answer = service.post("/train?column.years_of_experience=years", body)
    assert [(fault["row"], fault["column"]) for fault in faults(answer)] == [(2, "years")]


@pytest.mark.parametrize(
    "spelling",
    [
        lambda text: text.replace("\n", "\r\n"),
        lambda text: "\ufeff" + text,
        lambda text: "\n\n" + text.replace("\n", "\n\n") + "\r\n\n",
        lambda text: text.replace(",", '","').replace("\n", '"\n"').join('""'),
        lambda text: text.replace(".0,", ".,").replace("\n", " \n"),
        lambda text: text.replace(",", ", ").replace(".5,", ".50e+0\t,"),
        lambda text: text.replace("\n", ',"x,y\nz"\n').replace(',"x,y\nz"', ",bonus", 1) + ",last",
    ],
    ids=["CRLF", "BOM", "blank lines", "all quoted", "5.", "spaces", "another column"],
)
def test_spellings_of_the_same_file(service, past_decisions, plain, spelling):
    model = service.post("/train?network=single_neuron", spelling(spelt(past_decisions, "1", "0"))).json()
    assert model["training"]["records_digest"] == plain


def test_columns_in_any_order(service, past_decisions, plain):
    lines = [
        f"{int(r['promoted'])},{r['performance_score'] / 10}e1,x,{r['years_of_experience']}" for r in past_decisions
    ]
    body = "\n".join(["promoted,performance_score,other,years_of_experience", *lines])
    assert service.post("/train?network=single_neuron", body).json()["training"]["records_digest"] == plain

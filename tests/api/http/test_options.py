"""Query options: on every endpoint of the contract, what is unknown, repeated or impossible is refused."""

import pytest

from tests.contract import CONTRACT

OPERATIONS = [
    (method.upper(), path, operation)
    for path, operations in CONTRACT["paths"].items()
    for method, operation in operations.items()
]
OPTIONS = [
    (method, path, parameter)
    for method, path, operation in OPERATIONS
    for parameter in operation.get("parameters", ())
    if parameter["in"] == "query"
]
IMPOSSIBLE = {
    "network": ["three_layer", "", "Two_Layer"],
    "solver": ["adam"],
    "hidden_units": ["0", "17", "2.5", "two", ""],
    "learning_rate": ["0", "-1", "1001", "nan", "inf", "fast"],
    "epochs": ["0", "100001", "1e3", "-5"],
    "max_iterations": ["0", "10001"],
    "alpha": ["-0.1", "1001", "NaN", "Infinity"],
    "seed": ["-1", "4294967296", "9" * 5000, "x"],
    "starts": ["0", "1025"],
    "threshold": ["-0.01", "1.01", "nan", "50%"],
    "activate": ["maybe", "2", ""],
    "report": ["maybe", "2", ""],
    "explain": ["maybe", "2", ""],
    "explain_where": ["everywhere", ""],
    "background": ["everybody", ""],
    "level": ["0", "1", "nan", "high"],
    "robust": ["maybe", ""],
    "step.years_of_experience": ["0", "-1", "81", "nan", "half"],
    "step.performance_score": ["0", "-1", "101", "inf", "one"],
    "model_version": ["0", "-1", "2147483648", "latest", "1.5", ""],
    "limit": ["0", "101", "-1", "all", "1.5"],
    "before": ["0", "2147483648", "x"],
    "column.employee_id": ["", "x" * 201],
    "column.years_of_experience": ["", "x" * 201],
    "column.performance_score": ["", "x" * 201],
    "column.promoted": ["", "x" * 201],
    **{f"column.{name}": ["", "x" * 201] for name in ("sex", "race_ethnicity", "pool", "selected", "score", "count")},
    "exclude_below": ["-0.01", "1.01", "nan", "2%"],
    "source": ["x" * 201],
    "period_start": ["2025", "2025-02-30", "yesterday", ""],
    "period_end": ["2025-13-01", "1"],
}


def names(tested):
    """Node ids: of operations, and of options."""
    return [f"{method} {path} {described.get('name', '')}".rstrip() for method, path, described in tested]


@pytest.fixture(scope="module")
def refusal(trained, problem):
    """The detail with which an operation refuses a query."""

    def send(method, path, query):
        path = path.replace("{version}", "1").replace("{code}", "no_model").replace("{training_id}", "0" * 32)
        text = {"content": b"employee_id\n", "headers": {"Content-Type": "text/csv"}} if method != "GET" else {}
        return problem(trained.send(method, f"{path}?{query}", **text), "invalid_options", 422)["detail"]

    return send


@pytest.mark.parametrize(("method", "path", "operation"), OPERATIONS, ids=names(OPERATIONS))
def test_unknown_options_are_refused_and_the_known_ones_named(refusal, method, path, operation):
    known = [parameter["name"] for parameter in operation.get("parameters", ()) if parameter["in"] == "query"]
    for query in ("tpyo=1", "tpyo", "tpyo=", "%74pyo=x%26", "=1", "Seed=1", "verbose=1&tpyo=2"):
        detail = refusal(method, path, query)
        assert "is not an option" in detail
        assert [name in detail for name in known] == [True] * len(known)


@pytest.mark.parametrize(("method", "path", "option"), OPTIONS, ids=names(OPTIONS))
def test_options_given_twice_or_misspelt(refusal, method, path, option):
    name = option["name"]
    value = {"column.employee_id": "employee_id", "before": "1"}.get(name, option["schema"].get("default", 1))
    for query in (f"{name}={value}&{name}={value}", f"{name}={value}&{name.replace('.', '%2E')}=x"):
        assert refusal(method, path, query) == f"{name} is given more than once."
    for misspelt in (name[:-1], name + "s", name.title(), name.replace("_", "-") + "-", f"{name}[]"):
        assert refusal(method, path, f"{misspelt}={value}").startswith(f"{misspelt} is not an option: ")


@pytest.mark.parametrize(("method", "path", "option"), OPTIONS, ids=names(OPTIONS))
def test_impossible_values_are_named_by_their_option(refusal, method, path, option):
    for value in IMPOSSIBLE[option["name"]]:
        assert refusal(method, path, f"{option['name']}={value}").startswith(f"{option['name']}: ")


def test_every_wrong_option_is_named_at_once(refusal):
    detail = refusal("POST", "/train", "seed=x&epochs=0&network=none")
    assert [name in detail for name in ("seed: ", "epochs: ", "network: ")] == [True] * 3
    assert "two_layer" in detail
    detail = refusal("GET", "/model/versions", "limit=0&before=0")
    assert [name in detail for name in ("limit: ", "before: ")] == [True] * 2


def test_column_names_belong_to_csv(trained, problem):
    for path in ("/train", "/predict"):
        document = problem(trained.post(f"{path}?column.promoted=was", []), "invalid_options", 422)
        assert document["detail"].startswith("column.")

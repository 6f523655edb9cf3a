"""Paths and methods that do not exist answer problems; a known path says which methods it has."""

import pytest

from tests.contract import CONTRACT

PATHS = CONTRACT["paths"]
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW")


MISSING = [
    "/modell",
    "/model/versions/1/onnx",
    "/train/1/2",
    "/TRAIN",
    "/docs/x",
    "/samples/",
    "/samples/other.csv",
    "/samples/promotions.py",
    "/problems",
    "/redoc",
    "/favicon.ico",
    "/v2/models",
    "/v2/models/other",
    "/v2/models/other/infer",
    "/v2/repository/index",
    "/v20",
]


@pytest.mark.parametrize("path", MISSING)
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
def test_paths_that_do_not_exist(trained, problem, method, path):
    document = problem(trained.send(method, path), "not_found", 404)
    assert path not in document["detail"]


@pytest.mark.parametrize("path", ["none.js", "../../app/main.py", "%2e%2e/%2e%2e/main.py", "..%2f..%2fmain.py", ""])
def test_assets_that_do_not_exist(trained, problem, path):
    problem(trained.get(f"/docs/assets/{path}"), "not_found", 404)


def test_a_slash_too_many_leads_to_the_path_without(trained):
    answer = trained.get("/model/")
    assert answer.is_redirect
    assert answer.headers["Location"] == "http://service/model"


@pytest.mark.parametrize("path", PATHS)
def test_methods_that_a_path_does_not_have(trained, problem, path):
    has = {method.upper() for method in PATHS[path]}
    where = path.replace("{version}", "1").replace("{code}", "no_model").replace("{training_id}", "0")
    for method in set(METHODS) - has:
        answer = trained.send(method, where)
        if method != "HEAD":
            problem(answer, "method_not_allowed", 405)
        assert answer.status_code == 405
        assert {allowed.strip() for allowed in answer.headers["Allow"].split(",")} == has


@pytest.mark.parametrize("path", ["/docs", "/", "/openapi.json", "/docs/assets/swagger-ui.css"])
def test_methods_of_the_pages(trained, problem, path):
    answer = trained.send("POST", path)
    problem(answer, "method_not_allowed", 405)
    assert "GET" in answer.headers["Allow"]


def test_the_first_page_leads_to_the_documentation(trained):
    answer = trained.get("/")
    assert answer.is_redirect
    assert answer.headers["Location"] == "/docs"

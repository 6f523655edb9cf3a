"""GET and PUT /model, the versions and their weights files."""

import hashlib

import pytest
from safetensors.numpy import load


@pytest.fixture(scope="module")
def versions(portal, tmp_path_factory, past_decisions, trained):
    """A service with seven versions, the seventh in service."""
    service = type(trained)(portal, tmp_path_factory.mktemp("versions"))
    for seed in range(7):
        service.post(f"/train?solver=gradient_descent&epochs=1&seed={seed}", past_decisions)
    yield service
    service.close()


def test_304_while_nothing_changed(trained):
    first = trained.get("/model")
    etag = first.headers["ETag"]
    assert etag.startswith('"')
    assert etag.endswith('"')
    for tags in (etag, f"W/{etag}", f'"other", {etag}', f'"other",W/{etag}', "*"):
        answer = trained.get("/model", If_None_Match=tags)
        assert (answer.status_code, answer.content, answer.headers["ETag"]) == (304, b"", etag), tags
    for tags in ('"other"', etag.strip('"'), ""):
        answer = trained.get("/model", If_None_Match=tags)
        assert (answer.status_code, answer.json(), answer.headers["ETag"]) == (200, first.json(), etag), tags


def test_the_tag_follows_what_is_in_service(serve, past_decisions):
    service = serve()
    service.post("/train", past_decisions)
    first = service.get("/model").headers["ETag"]
    service.post("/train", past_decisions)  # the very same weights under another number
    assert service.get("/model", If_None_Match=first).json()["version"] == 2
    second = service.get("/model").headers["ETag"]
    service.put("/model", {"version": 1})
    assert service.get("/model", If_None_Match=second).json()["version"] == 1
    assert service.get("/model", If_None_Match=first).status_code == 304


@pytest.mark.parametrize("limit", [1, 2, 3, 7, 8, None])
def test_pages_lead_through_all_versions_newest_first(versions, limit):
    page = versions.get("/model/versions" + (f"?limit={limit}" if limit else "")).json()
    sizes, found = [len(page["versions"])], page["versions"]
    while page["next"]:
        page = versions.get(page["next"]).json()
        sizes.append(len(page["versions"]))
        found += page["versions"]
    assert [model["version"] for model in found] == [7, 6, 5, 4, 3, 2, 1]
    assert sizes == [limit] * (7 // limit) + [7 % limit] * (7 % limit > 0) if limit and limit < 7 else [7]
    assert [model["version"] for model in found if model["active"]] == [7]
    assert found[6] == versions.get("/model/versions/1").json()


def test_before_names_the_newest_that_is_left_out(versions):
    page = versions.get("/model/versions?before=3&limit=1").json()
    assert [model["version"] for model in page["versions"]] == [2]
    assert versions.get("/model/versions?before=1").json() == {"versions": [], "next": None}


@pytest.mark.parametrize("number", [1, 2])
def test_the_weights_file_holds_the_published_weights(trained, number):
    model = trained.get(f"/model/versions/{number}").json()
    answer = trained.get(f"/model/versions/{number}/weights")
    assert "sha256:" + hashlib.sha256(answer.content).hexdigest() == model["digest"]
    assert answer.headers["ETag"] == f'"{model["digest"]}"'
    assert answer.headers["Content-Type"] == "application/octet-stream"
    assert f"promotion-model-{number}.safetensors" in answer.headers["Content-Disposition"]
    tensors = load(answer.content)
    assert {name: tensor.tolist() for name, tensor in tensors.items()} == model["network"]["weights"]
    assert {str(tensor.dtype) for tensor in tensors.values()} == {"float64"}


def test_an_earlier_version_can_be_put_back(serve, past_decisions, problem):
    service = serve()
    first = service.post("/train?network=single_neuron", past_decisions).json()
    body = past_decisions[:20]
    scores = service.post("/predict", body).json()
    service.post("/train", past_decisions)
    assert service.post("/predict", body).json()["model_version"] == 2
    answer = service.put("/model", {"version": 1})
    assert (answer.status_code, answer.json()) == (200, first)
    assert service.get("/model").json() == first
    assert service.post("/predict", body).json() == scores
    assert service.get("/model/versions/2").json()["active"] is False
    assert service.put("/model", {"version": 1}).json() == first
    problem(service.put("/model", {"version": 3}), "unknown_version", 404)
    assert service.get("/model").json() == first


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"version": "1"}, "/version"),
        ({"version": True}, "/version"),
        ({"version": 1.5}, "/version"),
        ({"version": 0}, "/version"),
        ({"version": 2**31}, "/version"),
        ({"version": None}, "/version"),
        ({}, "/version"),
        ({"version": 1, "activate": True}, "/activate"),
        ({"version": 1, "employees": [{}]}, "/employees"),
        ([1], ""),
    ],
    ids=str,
)
def test_a_bad_activation_is_named_and_changes_nothing(versions, faults, body, pointer):
    assert [fault["pointer"] for fault in faults(versions.put("/model", body))] == [pointer]
    assert versions.get("/model").json()["version"] == 7


def test_an_activation_named_twice(versions, faults):
    answer = versions.send(
        "PUT", "/model", content=b'{"version": 1, "version": 7}', headers={"Content-Type": "application/json"}
    )
    assert faults(answer) == [{"pointer": "/version", "message": "The key is given more than once"}]
    assert versions.get("/model").json()["version"] == 7


@pytest.mark.parametrize("end", ["", "/weights"])
def test_versions_that_do_not_exist(versions, problem, end):
    for number in ("8", "2147483647"):
        document = problem(versions.get(f"/model/versions/{number}{end}"), "unknown_version", 404)
        assert number in document["detail"]
    for number in ("0", "-1", "2147483648", "9" * 5000, "one", "1.5", "v1"):
        problem(versions.get(f"/model/versions/{number}{end}"), "not_found", 404)


def test_without_a_model_there_is_nothing_to_show(empty, problem):
    problem(empty.get("/model"), "no_model", 404)
    problem(empty.get("/model", If_None_Match="*"), "no_model", 404)
    assert empty.get("/model/versions").json() == {"versions": [], "next": None}

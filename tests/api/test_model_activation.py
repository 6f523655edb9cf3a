"""PUT /model with If-Match, and GET /model/activations: who replaces what, and what was replaced when."""

import re

import pytest

ONE_STEP = "solver=gradient_descent&epochs=1"
NOTHING = '"sha256:' + "0" * 64 + '"'


def train(service, records, query=""):
    answer = service.post(f"/train?{ONE_STEP}{query}", records)
    assert answer.status_code == 201
    return answer.json()


def put(service, version, *if_match):
    """PUT /model with an If-Match line for each value."""
    headers = [("If-Match", value) for value in if_match]
    return service.send("PUT", "/model", json={"version": version}, headers=headers)


def in_service(service):
    answer = service.get("/model")
    return answer.json()["version"], answer.headers["ETag"]


def activations(service, path="/model/activations"):
    """(version, previous version), newest first."""
    page = service.get(path).json()
    return [(one["version"], one["previous_version"]) for one in page["activations"]]


@pytest.fixture
def three(service, past_decisions):
    """A service with three versions, the third in service."""
    for seed in range(3):
        train(service, past_decisions, f"&seed={seed}")
    return service


@pytest.mark.parametrize("form", ["{}", "*", ' "x" ,{} ,W/"y"', "{},{}", f"{NOTHING}, {{}}"])
def test_the_model_in_service_is_replaced(three, form):
    _, tag = in_service(three)
    answer = put(three, 1, form.replace("{}", tag))
    assert answer.status_code == 200
    assert answer.json()["version"] == 1
    assert answer.json()["active"] is True
    assert in_service(three) == (1, answer.headers["ETag"])
    assert answer.content == three.get("/model").content
    assert answer.headers["ETag"] != tag
    assert three.get("/model", If_None_Match=answer.headers["ETag"]).status_code == 304
    assert activations(three) == [(1, 3), (3, 2), (2, 1), (1, None)]


def test_the_tag_of_one_answer_is_the_condition_of_the_next(three):
    _, tag = in_service(three)
    tags = []
    for version in (1, 2, 3):
        tags.append(tag)
        answer = put(three, version, tag)
        assert answer.status_code == 200
        tag = answer.headers["ETag"]
    assert tag == tags[0], "the same version in service has the same tag again"


def test_several_lines_are_one_list(three):
    _, tag = in_service(three)
    assert put(three, 1, NOTHING, tag).status_code == 200


def test_another_model_is_in_service_by_now(three, problem):
    tags = {}
    for version in (1, 2, 3):
        put(three, version)
        tags[version] = in_service(three)[1]
    before = three.get("/model/activations").content, three.get("/model").content
    digest = three.get("/model").json()["digest"]
    for stale in (
        tags[1],
        f"{tags[1]}, {tags[2]}",
        NOTHING,
        f"W/{tags[3]}",  # a weak tag never matches: RFC 9110, section 13.1.1
        tags[3].strip('"'),
        tags[3].upper(),
        f'"{digest}"',
        '"*"',
        "",
        ",",
    ):
        for version in (1, 3):
            problem(put(three, version, stale), "precondition_failed", 412)
        assert (three.get("/model/activations").content, three.get("/model").content) == before, stale
    assert put(three, 1, tags[3]).status_code == 200


def test_without_a_condition_the_last_one_wins(three):
    assert put(three, 1).status_code == 200
    assert put(three, 2).status_code == 200
    assert in_service(three)[0] == 2


def test_before_the_first_model_there_is_nothing_to_match(service, past_decisions, problem):
    for condition in ("*", NOTHING):
        problem(put(service, 1, condition), "unknown_version", 404)
    train(service, past_decisions, "&activate=false")
    for condition in ("*", NOTHING):
        problem(put(service, 1, condition), "precondition_failed", 412)
    problem(service.get("/model"), "no_model", 404)
    assert activations(service) == []
    assert put(service, 1).status_code == 200
    assert put(service, 1, "*").status_code == 200


def test_an_unknown_version_is_unknown_whatever_is_in_service(three, problem):
    _, tag = in_service(three)
    for condition in (tag, "*", NOTHING):
        problem(put(three, 4, condition), "unknown_version", 404)
    assert in_service(three) == (3, tag)


def test_of_two_that_replace_the_same_model_one_does(three, problem):
    """Each has seen version 3 and wants another one in its place."""
    for _ in range(5):
        put(three, 3)
        _, tag = in_service(three)
        before = len(activations(three, "/model/activations?limit=100"))
        request = {"headers": {"If-Match": tag}}
        answers = three.together(*[("PUT", "/model", request | {"json": {"version": v}}) for v in (1, 2, 1, 2)])
        assert sorted(answer.status_code for answer in answers) == [200, 412, 412, 412]
        (winner,) = [answer for answer in answers if answer.status_code == 200]
        assert in_service(three) == (winner.json()["version"], winner.headers["ETag"])
        assert len(activations(three, "/model/activations?limit=100")) == before + 1
        for loser in answers:
            if loser is not winner:
                problem(loser, "precondition_failed", 412)


def test_of_two_services_on_one_directory_one_replaces_it(serve, past_decisions, problem):
    one = serve()
    for seed in range(2):
        train(one, past_decisions, f"&seed={seed}")
    other = serve()
    _, tag = in_service(other)
    assert put(one, 1, tag).status_code == 200
    problem(put(other, 2, tag), "precondition_failed", 412)
    assert in_service(other)[0] == 1


def test_a_training_changes_what_the_condition_means(three, past_decisions, problem):
    _, tag = in_service(three)
    train(three, past_decisions, "&seed=9")
    problem(put(three, 1, tag), "precondition_failed", 412)
    assert in_service(three)[0] == 4


def test_what_was_put_into_service_when_and_in_place_of_what(service, past_decisions):
    assert service.get("/model/activations").json() == {"activations": [], "next": None}
    trained = [train(service, past_decisions, f"&seed={seed}{query}") for seed, query in enumerate(
        ["", "&activate=false", ""])]  # fmt: skip
    put(service, 2)
    put(service, 1)
    found = service.get("/model/activations").json()["activations"]
    assert [list(one) for one in found] == [["version", "activated_at", "previous_version"]] * 4
    assert [(one["version"], one["previous_version"]) for one in found] == [(1, 2), (2, 3), (3, 1), (1, None)]
    moments = [one["activated_at"] for one in found]
    assert moments == sorted(moments, reverse=True)
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", moment) for moment in moments)
    assert [moments[3], moments[2]] == [trained[0]["created_at"], trained[2]["created_at"]]
    assert trained[1]["created_at"] not in moments


def test_what_is_in_service_is_not_put_there_again(three):
    before = three.get("/model/activations").content
    _, tag = in_service(three)
    for condition in ([], [tag], ["*"]):
        answer = put(three, 3, *condition)
        assert (answer.status_code, answer.headers["ETag"]) == (200, tag)
    assert three.get("/model/activations").content == before
    put(three, 2)
    assert activations(three)[0] == (2, 3)


@pytest.fixture(scope="module")
def many(portal, tmp_path_factory, past_decisions, trained):
    """A service in which 1 and 2 have taken turns: 23 activations, newest first."""
    service = type(trained)(portal, tmp_path_factory.mktemp("many"))
    for seed in range(2):
        train(service, past_decisions, f"&seed={seed}")
    for i in range(21):
        put(service, 1 + i % 2)
    yield service, [*[(1 + i % 2, 2 - i % 2) for i in range(21)][::-1], (2, 1), (1, None)]
    service.close()


@pytest.mark.parametrize("limit", [1, 5, 22, 23, 24, None])
def test_pages_lead_through_all_activations_newest_first(many, limit):
    service, history = many
    size, path, pages, moments = limit or 20, "/model/activations" + (f"?limit={limit}" if limit else ""), [], []
    while path:
        page = service.get(path).json()
        pages.append([(one["version"], one["previous_version"]) for one in page["activations"]])
        moments += [one["activated_at"] for one in page["activations"]]
        path = page["next"]
    assert pages == [history[i : i + size] for i in range(0, 23, size)]
    assert len(set(moments)) == 23


@pytest.mark.parametrize(
    "query",
    ["limit=0", "limit=101", "limit=x", "before=0", "before=2147483648", "before=x", "version=1", "limit=1&limit=1"],
)
def test_options_that_it_does_not_have(many, problem, query):
    service, _ = many
    problem(service.get(f"/model/activations?{query}"), "invalid_options", 422)


def test_an_activation_outlives_the_service(serve, past_decisions):
    service = serve()
    for seed in range(2):
        train(service, past_decisions, f"&seed={seed}")
    put(service, 1)
    before = service.get("/model/activations").content, in_service(service)
    service.close()
    again = serve()
    assert (again.get("/model/activations").content, in_service(again)) == before
    assert put(again, 2, before[1][1]).status_code == 200

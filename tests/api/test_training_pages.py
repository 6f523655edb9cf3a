"""GET /train: all trainings, newest first, in pages; and ids that belong to none."""

import sqlite3
from contextlib import closing

import pytest

from tests.processes import hold_training

UNKNOWN = "0f8fad5bd9cb469fa16570867728950e"
SAME_MOMENT = "UPDATE trainings SET submitted_at = '2026-01-01T00:00:00.000000Z'"


def order(service, records):
    """Put a training into the queue; its id."""
    request = {"json": {"employees": records}, "headers": {"Prefer": "respond-async"}}
    answer = service.send("POST", "/train?solver=gradient_descent&epochs=100000&hidden_units=16", **request)
    assert answer.status_code == 202
    return answer.json()["id"]


def cancelled(service, records):
    """A training that was cancelled, which is the quickest way to have one; its id."""
    training_id = order(service, records)
    assert service.send("DELETE", f"/train/{training_id}").json()["state"] == "cancelled"
    return training_id


@pytest.fixture(scope="module")
def listed(portal, tmp_path_factory, past_decisions, trained):
    """A service with seven trainings that have ended, and their ids, newest first. Nothing changes them."""
    service = type(trained)(portal, tmp_path_factory.mktemp("listed"))
    yield service, [cancelled(service, past_decisions) for _ in range(7)][::-1]
    service.close()


def walk(service, path):
    """The pages from a path on."""
    pages = []
    while path is not None:
        answer = service.get(path)
        assert (answer.status_code, set(answer.json())) == (200, {"trainings", "next"})
        pages.append([training["id"] for training in answer.json()["trainings"]])
        path = answer.json()["next"]
        assert len(pages) < 20, "pages without end"
    return pages


@pytest.mark.parametrize("limit", [1, 2, 3, 6, 7, 8, 100])
def test_pages_lead_through_all_trainings_newest_first(listed, limit):
    service, ids = listed
    assert walk(service, f"/train?limit={limit}") == [ids[i : i + limit] for i in range(0, 7, limit)]


def test_a_page_has_twenty_unless_told_otherwise(service, past_decisions):
    ids = [order(service, past_decisions) for _ in range(21)][::-1]
    assert walk(service, "/train") == [ids[:20], ids[20:]]
    assert service.get("/train").json()["next"] == f"/train?limit=20&before={ids[19]}"


def test_a_page_shows_each_training_as_it_is_shown_alone(listed):
    service, ids = listed
    page = service.get("/train?limit=100").json()
    assert page["next"] is None
    assert page["trainings"] == [service.get(f"/train/{training_id}").json() for training_id in ids]


def test_what_comes_meanwhile_moves_no_page(service, past_decisions):
    """New ones, and the ends of old ones: a training does not change its place."""
    ids = [order(service, past_decisions) for _ in range(5)][::-1]
    first = service.get("/train?limit=2").json()
    newer = [order(service, past_decisions) for _ in range(3)][::-1]
    for training_id in (ids[4], ids[2]):
        assert service.send("DELETE", f"/train/{training_id}").status_code == 200
    assert [training["id"] for training in first["trainings"]] == ids[:2]
    assert walk(service, first["next"]) == [ids[2:4], ids[4:]]
    assert walk(service, "/train?limit=100") == [newer + ids]


def test_trainings_of_the_same_moment(serve, past_decisions):
    """Their ids order them, so that each of them is on one page."""
    service = serve()
    ids = {cancelled(service, past_decisions) for _ in range(5)}
    with closing(sqlite3.connect(service.data_dir / "promotion.db")) as connection:
        connection.execute(SAME_MOMENT)
        connection.commit()
    for limit in (1, 2, 5):
        found = [training_id for page in walk(service, f"/train?limit={limit}") for training_id in page]
        assert len(found) == len(ids)
        assert set(found) == ids


def test_those_of_the_same_moment_have_each_a_place_in_the_queue(service, past_decisions):
    ids = [order(service, past_decisions) for _ in range(4)]
    while service.get(f"/train/{ids[0]}").json()["state"] == "queued":
        pass
    with closing(sqlite3.connect(service.data_dir / "promotion.db")) as connection:
        connection.execute(SAME_MOMENT)
        connection.commit()
    positions = {i: service.get(f"/train/{i}").json()["queue_position"] for i in ids}
    assert positions == {ids[0]: None} | {i: place for place, i in enumerate(sorted(ids[1:]), 1)}


def test_before_names_the_training_that_is_left_out(listed):
    service, ids = listed
    page = service.get(f"/train?before={ids[3]}&limit=2").json()
    assert [training["id"] for training in page["trainings"]] == ids[4:6]
    assert service.get(f"/train?before={ids[6]}").json() == {"trainings": [], "next": None}


def test_without_a_training_there_is_an_empty_page(empty):
    assert empty.get("/train").json() == {"trainings": [], "next": None}


@pytest.mark.parametrize(
    ("query", "named"),
    [
        ("state=queued", "state"),
        ("limit=0", "limit"),
        ("limit=101", "limit"),
        ("limit=-1", "limit"),
        ("limit=two", "limit"),
        ("limit=1.5", "limit"),
        ("limit=", "limit"),
        ("limit=2&limit=3", "limit"),
        ("before=1", "before"),
        (f"before={UNKNOWN.upper()}", "before"),
        (f"before={UNKNOWN}0", "before"),
        (f"before={UNKNOWN}%0A", "before"),
        ("before=", "before"),
        ("after=1", "after"),
        ("Limit=2", "Limit"),
    ],
)
def test_options_that_it_does_not_have(listed, problem, query, named):
    service, _ = listed
    assert named in problem(service.get(f"/train?{query}"), "invalid_options", 422)["detail"]


def test_before_an_unknown_training(listed, problem):
    service, _ = listed
    problem(service.get(f"/train?before={UNKNOWN}"), "unknown_training", 404)


@pytest.mark.parametrize("unknown", [UNKNOWN, "0", "1", UNKNOWN.upper(), "null", "%00", "é", "9" * 5000, "'--"])
@pytest.mark.parametrize(("method", "end"), [("GET", ""), ("DELETE", ""), ("GET", "/events")])
def test_trainings_that_do_not_exist(listed, problem, method, end, unknown):
    service, ids = listed
    before = service.get("/train").content
    document = problem(service.send(method, f"/train/{unknown}{end}"), "unknown_training", 404)
    assert unknown not in document["detail"]
    assert service.get("/train").content == before
    assert UNKNOWN not in ids


@pytest.mark.parametrize(("method", "end"), [("GET", ""), ("DELETE", ""), ("GET", "/events")])
@pytest.mark.parametrize("query", ["x=1", "limit=1", "before=1"])
def test_one_training_has_no_options(listed, problem, method, end, query):
    service, ids = listed
    problem(service.send(method, f"/train/{ids[0]}{end}?{query}"), "invalid_options", 422)


def test_a_refused_cancel_cancels_nothing(service, past_decisions, problem):
    """An option that DELETE does not have is refused before anything happens."""
    order(service, past_decisions)
    hold_training()
    waiting = order(service, past_decisions)
    problem(service.send("DELETE", f"/train/{waiting}?force=1"), "invalid_options", 422)
    assert service.get(f"/train/{waiting}").json()["state"] == "queued"

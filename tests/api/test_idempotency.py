"""Idempotency-Key: a request that is repeated makes no second training and gets the first one's answer."""

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import pytest

from tests.processes import hold_training, let_go
from tests.waiting import PATIENCE, until

SHORT = "network=single_neuron&starts=1"
SECOND = "solver=gradient_descent&epochs=5000"
LONG = "solver=gradient_descent&epochs=100000&hidden_units=16"
DIVERGENT = "solver=gradient_descent&learning_rate=1000&alpha=1000&epochs=1000"
KEY = "8e03978e-40d5-43dd-bc93-6894a57f9324"
HOUR = 3600
DAY = 24 * HOUR


def order(service, records, query=SHORT, key=KEY, **headers):
    """POST /train with a key."""
    given = {"Idempotency-Key": key.encode()} | headers
    return service.send("POST", f"/train?{query}", json={"employees": records}, headers=given)


def at_once(service, records, query=SHORT, key=KEY):
    """The same, answered without waiting."""
    return order(service, records, query, key, Prefer="respond-async")


def trainings(service):
    return [training["id"] for training in service.get("/train?limit=100").json()["trainings"]]


def ended(service, training_id):
    path = f"/train/{training_id}"
    return until(lambda: (training := service.get(path).json())["finished_at"] and training, "it ends")


def running(service, records):
    """Take the service's only slot for as long as the test lasts; the id of the training that has it."""
    headers = {"Prefer": "respond-async"}
    training_id = service.send("POST", f"/train?{LONG}", json={"employees": records}, headers=headers).json()["id"]
    until(lambda: service.get(f"/train/{training_id}").json()["state"] == "running", "it runs")
    hold_training()
    return training_id


def same(answer, first):
    """The same answer byte for byte; only its request has an id of its own."""
    assert answer.status_code == first.status_code
    assert answer.content == first.content
    headers = [dict(one.headers) for one in (answer, first)]
    assert headers[0].pop("x-request-id") != headers[1].pop("x-request-id")
    assert headers[0] == headers[1]


def test_a_repeated_request_gets_the_same_model(serve, past_decisions):
    service = serve()
    first = order(service, past_decisions)
    assert first.status_code == 201
    same(order(service, past_decisions), first)
    service.post(f"/train?{SHORT}&seed=4", past_decisions)
    same(order(service, past_decisions), first)  # though it is no longer in service
    assert service.get("/model").json()["version"] == 2
    assert len(trainings(service)) == 2
    service.close()
    again = serve()
    same(order(again, past_decisions), first)
    assert len(trainings(again)) == 2
    assert [version["version"] for version in again.get("/model/versions").json()["versions"]] == [2, 1]


def test_a_repeated_request_gets_the_same_acceptance(serve, past_decisions):
    """As it was answered first: queued, whatever has become of it."""
    service = serve()
    long = running(service, past_decisions)
    first = at_once(service, past_decisions)
    assert (first.status_code, first.json()["state"]) == (202, "queued")
    same(at_once(service, past_decisions), first)
    service.send("DELETE", f"/train/{long}")
    assert ended(service, first.json()["id"])["state"] == "succeeded"
    same(at_once(service, past_decisions), first)
    service.close()
    again = serve()
    same(at_once(again, past_decisions), first)
    assert trainings(again) == [first.json()["id"], long]
    who_waits = order(again, past_decisions)
    assert (who_waits.status_code, who_waits.content) == (202, first.content)
    assert "Preference-Applied" not in who_waits.headers


def test_a_repeated_request_of_one_that_waited_in_vain(serve, past_decisions):
    service = serve(train_wait=0.3)
    long = running(service, past_decisions)
    first = order(service, past_decisions)
    assert (first.status_code, first.json()["state"]) == (202, "queued")
    same(order(service, past_decisions), first)
    service.send("DELETE", f"/train/{long}")
    assert ended(service, first.json()["id"])["model_version"] == 1
    same(order(service, past_decisions), first)
    assert len(trainings(service)) == 2


def test_a_key_is_the_same_with_and_without_quotes(service, past_decisions):
    first = order(service, past_decisions, key=f'"{KEY}"')
    assert first.status_code == 201
    same(order(service, past_decisions, key=KEY), first)
    other = order(service, past_decisions, key=KEY.upper())
    assert other.json()["version"] == 2, "but letters are what they are"


def test_options_that_mean_the_same_are_the_same_request(service, past_decisions):
    first = order(service, past_decisions, f"{SHORT}&threshold=0.5&seed=7")
    same(order(service, past_decisions, f"seed=7&threshold=0.500&{SHORT}&activate=true"), first)


@pytest.mark.parametrize("accepted", [False, True])
def test_a_key_that_was_used_for_another_request(service, past_decisions, problem, accepted):
    first = (at_once if accepted else order)(service, past_decisions)
    ended(service, first.json().get("training_id", first.json()["id"] if accepted else ""))
    before = service.get("/train").content
    for records, query in (
        (past_decisions[:-1], SHORT),
        (past_decisions[::-1], SHORT),
        (past_decisions, f"{SHORT}&seed=1"),
        (past_decisions, f"{SHORT}&threshold=0.25"),
        (past_decisions, f"{SHORT}&activate=false"),
        (past_decisions, "network=single_neuron"),
    ):
        for send in (order, at_once):
            problem(send(service, records, query), "idempotency_conflict", 422)
    assert service.get("/train").content == before
    same((at_once if accepted else order)(service, past_decisions), first)


def test_the_same_text_as_another_media_type_is_another_request(service, as_csv, past_decisions, problem):
    headers = {"Idempotency-Key": KEY, "Content-Type": "text/csv"}
    request = {"content": as_csv(past_decisions).encode(), "headers": headers}
    first = service.send("POST", f"/train?{SHORT}", **request)
    same(service.send("POST", f"/train?{SHORT}", **request), first)
    problem(order(service, past_decisions), "idempotency_conflict", 422)


def test_while_the_first_is_under_way(service, past_decisions, problem):
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(order, service, past_decisions, SECOND)
        process = hold_training()
        ids = trainings(service)
        for send in (order, at_once):
            refused = send(service, past_decisions, SECOND)
            problem(refused, "idempotency_conflict", 409)
            assert refused.headers["Location"] == f"/train/{ids[0]}"
        problem(order(service, past_decisions[:-1], SECOND), "idempotency_conflict", 422)
        assert not first.done()
        let_go(process)
        assert first.result(PATIENCE).status_code == 201
    assert trainings(service) == ids
    for send in (order, at_once):
        same(send(service, past_decisions, SECOND), first.result())


@pytest.mark.parametrize("prefer", ["respond-async", "return=minimal"])
def test_two_at_the_same_moment_make_one_training(service, past_decisions, prefer):
    headers = {"Idempotency-Key": KEY, "Prefer": prefer}
    request = {"json": {"employees": past_decisions}, "headers": headers}
    answers = service.together(*[("POST", f"/train?{SHORT}", request)] * 6)
    (training_id,) = trainings(service)
    good = {answer.content for answer in answers if answer.status_code != 409}
    assert len(good) == 1
    for answer in answers:
        assert answer.status_code in (201, 202, 409)
        if answer.status_code == 409:
            assert answer.json()["code"] == "idempotency_conflict"
            assert answer.headers["Location"] == f"/train/{training_id}"
    ended(service, training_id)
    assert [version["version"] for version in service.get("/model/versions").json()["versions"]] == [1]


def test_the_same_key_at_two_services_on_one_directory(serve, past_decisions):
    one, other = serve(), serve()
    first = order(one, past_decisions)
    same(order(other, past_decisions), first)
    assert len(trainings(other)) == 1


def test_a_refused_request_does_not_use_up_its_key(serve, past_decisions, problem):
    service = serve(queue_limit=1)
    problem(order(service, [{}]), "invalid_records", 422)
    problem(order(service, past_decisions[:2]), "training_data_unusable", 422)
    problem(order(service, past_decisions, "epochs=0"), "invalid_options", 422)
    long = running(service, past_decisions)
    waiting = at_once(service, past_decisions, key="another").json()["id"]
    problem(order(service, past_decisions), "too_busy", 503)
    for training_id in (waiting, long):
        service.send("DELETE", f"/train/{training_id}")
    assert order(service, past_decisions, f"{SHORT}&seed=3").status_code == 201


def test_a_full_queue_still_answers_what_it_has_taken(serve, past_decisions, problem):
    service = serve(queue_limit=1)
    done = order(service, past_decisions, key="done")
    long = running(service, past_decisions)
    waiting = at_once(service, past_decisions, key="waiting")
    problem(at_once(service, past_decisions, key="new"), "too_busy", 503)
    same(order(service, past_decisions, key="done"), done)
    same(at_once(service, past_decisions, key="waiting"), waiting)
    problem(order(service, past_decisions, LONG, key="done"), "idempotency_conflict", 422)
    assert trainings(service)[:2] == [waiting.json()["id"], long]


def test_a_failed_training_fails_again(serve, past_decisions, problem):
    service = serve()
    first = order(service, past_decisions, DIVERGENT)
    problem(first, "invalid_options", 422)
    same(order(service, past_decisions, DIVERGENT), first)
    service.close()
    again = serve()
    same(order(again, past_decisions, DIVERGENT), first)
    assert len(trainings(again)) == 1


def test_a_cancelled_training_stays_cancelled(service, past_decisions, problem):
    long = running(service, past_decisions)
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(order, service, past_decisions)
        until(lambda: len(trainings(service)) == 2, "it is in the queue")
        ids = trainings(service)
        service.send("DELETE", f"/train/{ids[0]}")
        problem(first.result(PATIENCE), "training_cancelled", 409)
    same(order(service, past_decisions), first.result())
    assert trainings(service) == [ids[0], long]


@pytest.mark.parametrize(
    "key",
    [
        "",
        '""',
        '"',
        '"open',
        'open"',
        'a"b',
        '"a"b"',
        "a b",
        "a\tb",
        "a" * 256,
        '"' + "a" * 256 + '"',
        "é",
        '"é"',
        '"\x7f"',
    ],
    ids=ascii,
)
def test_what_is_no_key(empty, past_decisions, problem, key):
    refused = order(empty, past_decisions, key=key)
    assert "idempotency-key" in problem(refused, "invalid_options", 422)["detail"]
    assert trainings(empty) == []


def test_two_keys_are_none(empty, past_decisions, problem):
    for keys in ((KEY, KEY), (f'"{KEY}"', f'"{KEY}"'), ("a", "b")):
        headers = [("Idempotency-Key", key) for key in keys]
        refused = empty.send("POST", "/train", json={"employees": past_decisions}, headers=headers)
        problem(refused, "invalid_options", 422)
    assert trainings(empty) == []


@pytest.mark.parametrize("key", ["a", "!#~{}[]", '"a b, c"', '" "', "a" * 255, '"' + "a" * 255 + '"', "1;x=2"], ids=str)
def test_what_is_a_key(service, past_decisions, key):
    first = at_once(service, past_decisions, key=key)
    assert first.status_code == 202
    same(at_once(service, past_decisions, key=key), first)
    assert len(trainings(service)) == 1


@pytest.mark.parametrize("query", [SHORT, f"{SHORT}&seed=9"])
def test_after_a_day_the_key_is_free(service, past_decisions, query):
    first = order(service, past_decisions)
    age(service, DAY - HOUR)
    same(order(service, past_decisions), first)
    age(service, HOUR + 1)
    second = order(service, past_decisions, query)
    assert (second.status_code, second.json()["version"]) == (201, 2)
    same(order(service, past_decisions, query), second)
    assert len(trainings(service)) == 2


def test_old_keys_are_forgotten_with_the_next_one(service, past_decisions):
    for key in ("a", "b"):
        order(service, past_decisions, key=key)
    age(service, DAY + 1)
    order(service, past_decisions, key="c")
    with closing(sqlite3.connect(service.data_dir / "promotion.db")) as connection:
        assert connection.execute("SELECT key FROM idempotency_keys").fetchall() == [("c",)]


def age(service, seconds):
    """Let so many seconds pass for the keys."""
    with closing(sqlite3.connect(service.data_dir / "promotion.db")) as connection:
        connection.execute("UPDATE idempotency_keys SET used_at = used_at - ?", (seconds,))
        connection.commit()


def test_nothing_of_the_request_is_kept_but_its_digest(service, past_decisions):
    order(service, past_decisions)
    with closing(sqlite3.connect(service.data_dir / "promotion.db")) as connection:
        ((key, fingerprint, accepted),) = connection.execute("SELECT key, fingerprint, accepted FROM idempotency_keys")
    assert (key, len(fingerprint), accepted) == (KEY, len("sha256:") + 64, None)


def test_without_a_key_every_request_is_a_new_one(service, past_decisions):
    versions = [service.post(f"/train?{SHORT}", past_decisions).json()["version"] for _ in range(2)]
    assert versions == [1, 2]

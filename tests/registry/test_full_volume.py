"""A full volume: an error at once, the model in service goes on, and all is well again when there is room.

SQLite's own limit on the pages of a database, set on every connection of the store: it answers as a full disk
does, and the code under test is all real.
"""

import sqlalchemy as sa

from tests.processes import hold_training, let_go
from tests.waiting import until

ROOM = 2**30


def trainings(service):
    return service.get("/train?limit=100").json()["trainings"]


def allow(service, pages):
    """Limit every connection from its next use on, also those that are in use now and those that do not exist yet; a
    limit below what is there means no page more.
    """
    sa.event.listen(
        service.app.state.store._engine,
        "checkout",
        lambda connection, *_: connection.execute(f"PRAGMA max_page_count={pages}"),
    )


def fill(serve, past_decisions, capfd):
    """A service with two models, whose volume has room neither for one more training nor for the end of one that has
    been trained meanwhile.
    """
    service = serve()
    for query in ("", "?activate=false"):
        assert service.post(f"/train{query}", past_decisions).status_code == 201
    request = {"json": {"employees": past_decisions}, "headers": {"Prefer": "respond-async"}}
    answer = service.send("POST", "/train?solver=gradient_descent&epochs=2000", **request)
    training = hold_training()
    allow(service, 1)
    while answer.status_code == 202:
        answer = service.send("POST", "/train?network=single_neuron", **request)
    assert problem_of(answer) == ("store_unavailable", 503)
    assert "full" in answer.json()["detail"]
    let_go(training)
    until(lambda: "training cannot be stored yet" in capfd.readouterr().out, "the training has been made")
    return service


def problem_of(answer):
    return answer.json()["code"], answer.status_code


def test_the_model_in_service_goes_on(serve, past_decisions, capfd):
    full = fill(serve, past_decisions, capfd)
    model, scores = full.get("/model").content, full.post("/predict", past_decisions).content
    versions = full.get("/model/versions").json()["versions"]
    for _ in range(3):
        assert problem_of(full.post("/train", past_decisions)) == ("store_unavailable", 503)
    assert full.get("/model").content == model
    assert full.post("/predict", past_decisions).content == scores
    assert full.get("/model/versions").json()["versions"] == versions
    assert full.get("/readyz").json()["ready"] is True


def test_it_works_again_when_there_is_room(serve, past_decisions, capfd):
    """What was accepted and could not be stored is stored, and the next one too."""
    full = fill(serve, past_decisions, capfd)
    allow(full, ROOM)
    until(lambda: all(training["finished_at"] for training in trainings(full)), "everything that was accepted ends")
    accepted = trainings(full)
    assert [training["state"] for training in accepted] == ["succeeded"] * len(accepted)
    model = full.post("/train?network=single_neuron", past_decisions).json()
    assert model["version"] == len(accepted) + 1
    assert full.get("/model").json() == model


def test_an_activation_that_has_no_room_changes_nothing(serve, past_decisions, capfd):
    full = fill(serve, past_decisions, capfd)
    body, active = past_decisions[:1], full.get("/model").json()["version"]
    for turn in range(1000):
        wanted = 1 + turn % 2
        answer = full.put("/model", {"version": wanted})
        if answer.status_code != 200:
            break
        active = wanted
    assert problem_of(answer) == ("store_unavailable", 503)
    assert full.get("/model").json()["version"] == active
    assert full.post("/predict", body).json()["model_version"] == active
    allow(full, ROOM)
    assert full.put("/model", {"version": 1 + active % 2}).json()["version"] == 1 + active % 2


def test_a_restart_finds_what_was_there(serve, past_decisions, capfd):
    full = fill(serve, past_decisions, capfd)
    model, scores = full.get("/model").content, full.post("/predict", past_decisions).content
    full.close()
    again = serve(full.data_dir)
    assert again.get("/model").content == model
    assert again.post("/predict", past_decisions).content == scores

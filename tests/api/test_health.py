"""/livez and /readyz: alive whatever happens, ready when the store answers."""


def test_ready_before_and_after_the_first_training(service, past_decisions):
    assert service.get("/livez").json() == {"alive": True}
    assert service.get("/readyz").json() == {"ready": True, "model_version": None}
    service.post("/train?network=single_neuron&activate=false", past_decisions)
    assert service.get("/readyz").json() == {"ready": True, "model_version": None}
    service.put("/model", {"version": 1})
    assert service.get("/readyz").json() == {"ready": True, "model_version": 1}


def test_not_ready_without_the_store_but_alive(service, past_decisions, problem):
    service.post("/train?network=single_neuron", past_decisions)
    before = service.post("/predict", past_decisions[:3]).json()
    for file in service.data_dir.glob("promotion.db*"):
        file.unlink()
    service.data_dir.rmdir()
    service.app.state.store.close()  # as when every connection has to be opened again
    problem(service.get("/readyz"), "store_unavailable", 503)
    assert service.get("/livez").json() == {"alive": True}
    assert service.post("/predict", past_decisions[:3]).json() == before

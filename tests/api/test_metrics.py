"""GET /metrics: what Prometheus reads out of it."""

from prometheus_client.parser import text_string_to_metric_families


def samples(service):
    answer = service.get("/metrics")
    assert answer.headers["Content-Type"].startswith("text/plain; version=0.0.4")
    return {
        (sample.name, *(sample.labels.get(label) for label in ("method", "route", "status", "outcome", "le"))): sample
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


def requests(service):
    """(method, route, status) -> how many."""
    return {
        key[1:4]: int(sample.value)
        for key, sample in samples(service).items()
        if key[0] == "promotion_request_duration_seconds_count"
    }


def trainings(service):
    read = samples(service)
    return tuple(
        int(read["promotion_trainings_total", None, None, None, outcome, None].value)
        for outcome in ("succeeded", "failed")
    )


def active(service):
    return int(samples(service)["promotion_active_model_version", None, None, None, None, None].value)


def test_requests_are_counted_by_route_and_status(service, past_decisions):
    service.post("/train?network=single_neuron", past_decisions)
    for number in (1, 1, 8, 9):
        service.get(f"/model/versions/{number}")
    for _ in range(3):
        service.post("/predict", past_decisions[:1])
    service.post("/predict", b"[]")
    service.get("/nowhere/1")
    service.get("/nowhere/2?x=1")
    service.send("DELETE", "/model")
    assert requests(service) == {
        ("POST", "/train", "201"): 1,
        ("GET", "/model/versions/{version}", "200"): 2,
        ("GET", "/model/versions/{version}", "404"): 2,
        ("POST", "/predict", "200"): 3,
        ("POST", "/predict", "422"): 1,
        ("GET", "unmatched", "404"): 2,
        ("DELETE", "/model", "405"): 1,
    }
    assert requests(service)["GET", "/metrics", "200"] == 1


def test_durations_add_up(service, past_decisions):
    service.post("/train?network=single_neuron", past_decisions)
    read = samples(service)
    train = ("POST", "/train", "201", None)
    buckets = [
        sample.value
        for key, sample in read.items()
        if key[0] == "promotion_request_duration_seconds_bucket" and key[1:5] == train
    ]
    assert buckets == sorted(buckets)
    assert buckets[-1] == 1
    assert buckets[0] == 0  # no training takes half a millisecond
    assert 0.0005 < read["promotion_request_duration_seconds_sum", *train, None].value < 60


def test_trainings_are_counted_by_outcome(service, past_decisions):
    assert trainings(service) == (0, 0)
    service.post("/train?network=single_neuron", past_decisions)
    service.post("/train?network=single_neuron&activate=false", past_decisions)
    service.post("/train?solver=gradient_descent&learning_rate=1000&alpha=1000&epochs=1000", past_decisions)
    assert trainings(service) == (2, 1)
    service.post("/train", past_decisions[:1])  # refused: nothing was begun
    assert trainings(service) == (2, 1)


def test_the_version_in_service(service, past_decisions):
    assert active(service) == 0
    for _ in range(2):
        service.post("/train?network=single_neuron", past_decisions)
    assert active(service) == 2
    service.put("/model", {"version": 1})
    assert active(service) == 1

"""The version in service, never stale; versions that never change."""

from time import sleep

import pytest

from app.errors import UnknownVersion
from app.registry.registry import Registry
from app.store.open import open_store


@pytest.fixture
def two(serve, database, past_decisions):
    """A service with three versions and the third in service, and a registry of its own on the same database."""
    service = serve(**database)
    for seed in range(3):
        service.post(f"/train?network=single_neuron&solver=gradient_descent&epochs=3&seed={seed}", past_decisions)
    store = open_store(**database)
    registry = Registry(store)
    yield service, registry
    registry.close()
    store.close()


def test_a_change_through_one_is_seen_by_the_very_next_use_of_the_other(two):
    service, registry = two
    for number in (1, 2, 2, 3, 1):
        service.put("/model", {"version": number})
        assert registry.active().version == number
    for number in (2, 3, 3, 1):
        registry.activate(number)
        sleep(registry.settling_seconds)
        assert service.get("/model").json()["version"] == number
        assert service.get("/readyz").json()["model_version"] == number


def test_a_training_elsewhere_is_seen_too(two, past_decisions):
    service, registry = two
    assert registry.active().version == 3
    model = service.post("/train?network=single_neuron", past_decisions).json()
    active = registry.active()
    assert active.version == 4
    assert active.published(active=True) == model


def test_nothing_is_read_again_while_nothing_changed(two):
    _, registry = two
    first = registry.active()
    assert all(registry.active() is first for _ in range(3))


def test_activating_what_is_in_service_writes_nothing(two):
    service, registry = two
    before = registry.activations(100, None)
    assert registry.activate(3).version == 3
    assert service.put("/model", {"version": 3}).json()["version"] == 3
    assert registry.activations(100, None) == before
    registry.activate(2)
    assert [row.version for row in registry.activations(100, None)] == [2, 3, 2, 1]
    assert [row.previous_version for row in registry.activations(100, None)] == [3, 2, 1, None]


def test_before_the_first_activation_there_is_none(database):
    store = open_store(**database)
    registry = Registry(store)
    assert registry.active() is None
    with pytest.raises(UnknownVersion, match="There is no model version 1"):
        registry.activate(1)
    assert registry.active() is None
    assert registry.page(5, None) == []
    registry.close()
    store.close()


def test_activating_what_does_not_exist_changes_nothing(two):
    service, registry = two
    with pytest.raises(UnknownVersion, match="There is no model version 9"):
        registry.activate(9)
    assert registry.active().version == service.get("/model").json()["version"] == 3


def test_a_request_keeps_the_version_it_started_with(two):
    _, registry = two
    held = registry.active()
    registry.activate(1)
    sleep(registry.settling_seconds)
    assert registry.active().version == 1
    assert (held.version, held.published(active=False)["version"]) == (3, 3)
    with pytest.raises(AttributeError):
        held.version = 1


def test_an_unknown_version_is_looked_for_again(two, past_decisions):
    service, registry = two
    with pytest.raises(UnknownVersion):
        registry.version(4)
    service.post("/train?network=single_neuron", past_decisions)
    assert registry.version(4).version == 4

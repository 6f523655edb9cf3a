"""A queue of trainings on a database of either kind."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

from app.network.options import FitOptions
from app.store.database import Store
from app.store.open import open_store
from app.trainings.claims import Claims
from app.trainings.job import Job


@pytest.fixture
def store(database: dict[str, Any]) -> Iterator[Store]:
    """An open database of the test's own."""
    store = open_store(**database)
    yield store
    store.close()


@pytest.fixture
def queue(store: Store) -> Claims:
    """One training at a time; a claim holds an hour."""
    return Claims(store, slots=1, lease_seconds=3600, keep_failed=False)


@pytest.fixture(scope="session")
def job() -> Job:
    """Four records of one input."""
    return Job(("x",), np.array([[1.0, 0.0], [2.5, 1.0], [3.0, 0.0], [4.0, 1.0]]), FitOptions(), 0.5, True, False)


@pytest.fixture
def submitted(queue: Claims, job: Job) -> Callable[[], str]:
    """Puts a training into the queue; its id."""
    return lambda: queue.submit(job, 1000, None).training.id

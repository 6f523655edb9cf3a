"""Every order of events that may come: submit, claim, sign of life, end, death, hand-back, cancel, recovery; by owners
of good claims and of lost ones, against a real database and a model of a few lines.
"""

from dataclasses import dataclass, field

import numpy as np
import pytest
import sqlalchemy as sa
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from app.errors import TooBusy, TrainingDataUnusable, TrainingEnded, TrainingFailed, UnknownTraining
from app.network.fitted import Fitted
from app.network.options import FitOptions
from app.network.parameters import Parameters
from app.network.progress import Progress
from app.store import versions
from app.store.open import open_store
from app.store.schema import metadata, model_versions, training_records, trainings
from app.trainings.claims import Claim, Claims
from app.trainings.job import Job
from app.trainings.result import Result
from app.trainings.states import MOST_ATTEMPTS, State
from tests.examples import examples

SLOTS, LIMIT, LEASE_SECONDS = 2, 4, 3600.0
JOB = Job(("x",), np.array([[1.0, 0.0], [2.0, 1.0], [3.0, 0.0]]), FitOptions(), 0.5, True, False)
RESULT = Result(Fitted(Parameters(None, None, np.array([1.5]), -2.5), "converged", 3, 0.5, 0.6), None, {"rows": 4})
QUEUES = st.sampled_from([0, 1])
DEATH = TrainingFailed("The training process ended with exit code -9.")


@dataclass
class Expected:
    """What the model says of one training."""

    id: str
    state: str = "queued"
    attempt: int = 0
    number: int | None = None
    expired: bool = False
    told: int = 0
    version: int | None = None
    problem: str | None = None


@dataclass
class Model:
    """All trainings in the order in which they were submitted."""

    trainings: dict[str, Expected] = field(default_factory=dict)
    versions: int = 0

    def those(self, *states: str) -> list[Expected]:
        return [training for training in self.trainings.values() if training.state in states]

    def end(self, training: Expected, state: str) -> None:
        training.state, training.number, training.expired = state, None, False

    def once_more(self, training: Expected) -> None:
        self.end(training, "queued" if training.attempt < MOST_ATTEMPTS else "failed")
        training.problem = "training_failed" if training.state == "failed" else None


class Trainings(RuleBasedStateMachine):
    """Two queues on one database, as two processes would have them; what one does the other must see."""

    database: dict[str, object]

    @initialize()
    def begin(self) -> None:
        self.store, self.another = open_store(**self.database), open_store(**self.database)
        with self.store.writing() as connection:
            for table in reversed(metadata.sorted_tables):
                connection.execute(table.delete())
        self.model = Model()
        self.claims: list[Claim] = []
        self.queues = [
            Claims(store, slots=SLOTS, lease_seconds=LEASE_SECONDS, keep_failed=False)
            for store in (self.store, self.another)
        ]

    def teardown(self) -> None:
        if hasattr(self, "store"):
            self.store.close()
            self.another.close()

    def some_claim(self, data: st.DataObject) -> tuple[Claim, Expected | None]:
        """One of the claims that were ever made, more often a good one, and the training that it still holds."""
        good = [claim for claim in self.claims if self.model.trainings[claim.training_id].number == claim.number]
        claim = data.draw(st.sampled_from(good * 3 + self.claims))
        return claim, self.model.trainings[claim.training_id] if claim in good else None

    @rule()
    def submit(self) -> None:
        if len(self.model.those("queued")) >= LIMIT:
            with pytest.raises(TooBusy):
                self.queues[0].submit(JOB, LIMIT, None)
        else:
            training_id = self.queues[0].submit(JOB, LIMIT, None).training.id
            assert training_id not in self.model.trainings
            self.model.trainings[training_id] = Expected(training_id)

    @rule(queue=QUEUES)
    def claim(self, queue: int) -> None:
        claim = self.queues[queue].claim()
        waiting, running = self.model.those("queued"), self.model.those("running")
        if not waiting or len(running) == SLOTS:
            assert claim is None
            return
        first = waiting[0]
        assert (claim.training_id, claim.attempt) == (first.id, first.attempt + 1)
        assert claim.job.records() == JOB.records()
        assert (claim.job.fit, claim.job.threshold, claim.job.activate) == (JOB.fit, 0.5, True)
        first.state, first.number, first.attempt = "running", claim.number, claim.attempt
        self.claims.append(claim)

    @rule(queue=QUEUES)
    def claim_once_more(self, queue: int) -> None:
        """As often as everything else together would, for claims are what it is about."""
        self.claim(queue)

    @precondition(lambda self: self.claims)
    @rule(data=st.data(), queue=QUEUES, tells=st.booleans())
    def sign_of_life(self, data: st.DataObject, queue: int, tells: bool) -> None:
        claim, held = self.some_claim(data)
        progress = Progress(1, 2, 3, 0.25, 0.5) if tells else None
        assert self.queues[queue].holds(claim) == (held is not None)
        assert self.queues[queue].renew(claim, progress) == (held is not None)
        if held:
            held.expired = False
            held.told += tells

    @precondition(lambda self: self.claims)
    @rule(data=st.data(), queue=QUEUES)
    def succeed(self, data: st.DataObject, queue: int) -> None:
        claim, held = self.some_claim(data)
        assert self.queues[queue].succeed(claim, RESULT, None, 0.1) == (held is not None)
        if held:
            self.model.end(held, "succeeded")
            self.model.versions += 1
            held.version = self.model.versions

    @precondition(lambda self: self.claims)
    @rule(data=st.data(), queue=QUEUES)
    def fail(self, data: st.DataObject, queue: int) -> None:
        claim, held = self.some_claim(data)
        assert self.queues[queue].fail(claim, TrainingDataUnusable("No.")) == (held is not None)
        if held:
            self.model.end(held, "failed")
            held.problem = "training_data_unusable"

    @precondition(lambda self: self.claims)
    @rule(data=st.data(), queue=QUEUES)
    def process_dies(self, data: st.DataObject, queue: int) -> None:
        claim, held = self.some_claim(data)
        state = self.queues[queue].died(claim, DEATH)
        if held:
            self.model.once_more(held)
        assert state == (held and held.state)

    @precondition(lambda self: self.claims)
    @rule(data=st.data(), queue=QUEUES)
    def hand_back(self, data: st.DataObject, queue: int) -> None:
        claim, held = self.some_claim(data)
        assert self.queues[queue].hand_back(claim) == (held is not None)
        if held:
            self.model.end(held, "queued")
            held.attempt -= 1

    @precondition(lambda self: self.claims)
    @rule(data=st.data())
    def owner_falls_silent(self, data: st.DataObject) -> None:
        _, held = self.some_claim(data)
        if held:
            with self.store.writing() as connection:
                connection.execute(sa.update(trainings).where(trainings.c.id == held.id).values(lease_until=0.0))
            held.expired = True

    @rule(queue=QUEUES)
    def recover(self, queue: int) -> None:
        silent = [training for training in self.model.those("running") if training.expired]
        states = self.queues[queue].recover()
        for training in silent:
            self.model.once_more(training)
        assert sorted(states) == sorted(training.state for training in silent)

    @rule(data=st.data(), queue=QUEUES)
    def cancel(self, data: st.DataObject, queue: int) -> None:
        if not self.model.trainings:
            with pytest.raises(UnknownTraining):
                self.queues[queue].cancel("none")
            return
        training = data.draw(st.sampled_from(list(self.model.trainings.values())))
        if training.state in ("queued", "running"):
            assert self.queues[queue].cancel(training.id).state == "cancelled"
            self.model.end(training, "cancelled")
        else:
            with pytest.raises(TrainingEnded):
                self.queues[queue].cancel(training.id)

    @invariant()
    def every_training_is_as_the_model_says(self) -> None:
        if not hasattr(self, "store"):
            return
        waiting = [training.id for training in self.model.those("queued")]
        seen = {training.id: training for training in self.queues[0].page(1000, None)}
        assert list(seen) == list(self.model.trainings)[::-1]
        for expected in self.model.trainings.values():
            training = seen[expected.id]
            assert (training.state, training.attempt, training.model_version) == (
                expected.state, expected.attempt, expected.version,
            )  # fmt: skip
            position = waiting.index(training.id) + 1 if expected.state == "queued" else None
            assert training.queue_position == position
            assert (training.problem and training.problem.code) == expected.problem
            assert (training.started_at is None) == (expected.state == "queued") or expected.state == "cancelled"
            assert (training.finished_at is not None) == training.ended
            assert len(self.queues[1].progress_after(training.id, 0)) == expected.told

    @invariant()
    def the_database_holds_what_it_should_and_no_more(self) -> None:
        if not hasattr(self, "store"):
            return
        with self.store.reading() as connection:
            made_on = connection.execute(sa.select(training_records.c.training_id)).scalars().all()
            made = connection.execute(
                sa.select(model_versions.c.version, model_versions.c.training_id).order_by(model_versions.c.version)
            ).all()
            active = versions.active_number(connection)
        assert sorted(made_on) == sorted(t.id for t in self.model.those("queued", "running"))
        succeeded = sorted((t.version, t.id) for t in self.model.those(State.SUCCEEDED))
        assert [tuple(row) for row in made] == succeeded
        assert [number for number, _ in succeeded] == list(range(1, self.model.versions + 1))
        assert active == (self.model.versions or None)


@pytest.mark.many_examples
def test_any_order_of_events(database):
    class OnThisDatabase(Trainings):
        pass

    OnThisDatabase.database = database
    run_state_machine_as_test(
        OnThisDatabase,
        settings=examples(30, stateful_step_count=50),
    )

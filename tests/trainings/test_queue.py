"""The queue's promises, one by one; tests/trainings/test_state_machine.py mixes them."""

import threading
from concurrent.futures import ThreadPoolExecutor
from time import time

import numpy as np
import pytest
import sqlalchemy as sa

from app.clock import now
from app.errors import (
    IdempotencyKeyReused,
    RequestUnderWay,
    TooBusy,
    TrainingDataUnusable,
    TrainingEnded,
    TrainingFailed,
    UnknownTraining,
)
from app.network.fitted import Fitted
from app.network.parameters import Parameters
from app.network.progress import Progress
from app.store.schema import idempotency_keys, model_versions, training_records, trainings
from app.trainings.claims import Claims
from app.trainings.result import Result
from app.trainings.states import State
from app.trainings.submission import Key

RESULT = Result(Fitted(Parameters(None, None, np.array([1.5]), -2.5), "converged", 3, 0.5, 0.6), None, {"rows": 4})
DEATH = TrainingFailed("The training process ended with exit code -9.")


def at_once(functions):
    """The results of functions that begin in the same moment, each in a thread of its own."""
    together = threading.Barrier(len(functions))

    def wait_and_call(function):
        together.wait()
        return function()

    with ThreadPoolExecutor(len(functions)) as pool:
        return list(pool.map(wait_and_call, functions))


def records_kept(store):
    with store.reading() as connection:
        return sorted(connection.execute(sa.select(training_records.c.training_id)).scalars())


def test_first_come_first_served(queue, submitted):
    ids = [submitted() for _ in range(3)]
    assert [queue.training(i).queue_position for i in ids] == [1, 2, 3]
    for left, training_id in enumerate(ids):
        claim = queue.claim()
        assert claim.training_id == training_id
        assert [queue.training(i).queue_position for i in ids[left + 1 :]] == list(range(1, 3 - left))
        assert queue.succeed(claim, RESULT, None, 0.1)
    assert queue.claim() is None
    assert [queue.training(i).model_version for i in ids] == [1, 2, 3]


def test_what_was_submitted_comes_back_bit_for_bit(queue, job):
    queue.submit(job, 10, None)
    claim = queue.claim()
    assert claim.job.records() == job.records()
    assert (claim.job.input_names, claim.job.fit) == (("x",), job.fit)
    assert claim.records_digest.startswith("sha256:")


def test_of_many_claims_at_once_as_many_succeed_as_may_run(store, submitted):
    for _ in range(8):
        submitted()
    for slots, running in ((1, 1), (3, 3)):
        queue = Claims(store, slots=slots, lease_seconds=60, keep_failed=False)
        claims = []
        for _ in range(20):  # a claim that meets another one may come away with nothing, and tries again
            claims += [claim for claim in at_once([queue.claim] * 6) if claim]
        assert len(claims) == len({claim.training_id for claim in claims}) == running
        for claim in claims:
            assert queue.succeed(claim, RESULT, None, 0.1)
    assert sorted(t.model_version for t in queue.page(100, None) if t.model_version) == [1, 2, 3, 4]


def test_three_deaths_end_it_with_the_reason(queue, store, submitted):
    training_id = submitted()
    for attempt in (1, 2):
        claim = queue.claim()
        assert claim.attempt == attempt
        assert queue.died(claim, DEATH) == State.QUEUED
        training = queue.training(training_id)
        assert (training.state, training.attempt, training.started_at) == (State.QUEUED, attempt, None)
        assert records_kept(store) == [training_id]
    assert queue.died(queue.claim(), DEATH) == State.FAILED
    training = queue.training(training_id)
    assert (training.state, training.attempt) == (State.FAILED, 3)
    assert training.problem.detail == "The training process ended with exit code -9. That was attempt 3 of 3."
    assert training.problem.code == "training_failed"
    assert records_kept(store) == []
    assert queue.claim() is None


def test_a_claim_that_nobody_renews_goes_to_the_next(store, submitted):
    impatient = Claims(store, slots=1, lease_seconds=-1, keep_failed=False)
    patient = Claims(store, slots=1, lease_seconds=60, keep_failed=False)
    training_id = submitted()
    lost = impatient.claim()
    assert patient.recover() == [State.QUEUED]
    good = patient.claim()
    assert (good.training_id, good.attempt) == (training_id, 2)
    assert patient.recover() == []
    assert [patient.holds(lost), patient.renew(lost), patient.hand_back(lost)] == [False] * 3
    assert patient.died(lost, DEATH) is None
    assert patient.fail(lost, TrainingDataUnusable("No.")) is False
    assert patient.succeed(lost, RESULT, None, 0.1) is False
    assert patient.training(training_id).state == State.RUNNING
    assert patient.succeed(good, RESULT, None, 0.1) is True
    with store.reading() as connection:
        assert connection.execute(sa.select(model_versions.c.training_id)).scalars().all() == [training_id]


def test_a_claim_holds_so_many_seconds_of_the_databases_clock(queue, store, submitted):
    submitted()
    claim = queue.claim()
    with store.reading() as connection:
        until = connection.execute(sa.select(trainings.c.lease_until)).scalar_one()
    assert until - time() == pytest.approx(3600, abs=30)
    assert queue.recover() == []
    assert queue.holds(claim)


def test_handing_back_is_no_attempt(queue, submitted):
    training_id = submitted()
    for _ in range(5):
        claim = queue.claim()
        assert claim.attempt == 1
        assert queue.hand_back(claim)
        assert queue.training(training_id).attempt == 0


def test_cancelling(queue, store, submitted):
    waits, runs = submitted(), submitted()
    assert queue.cancel(waits).state == State.CANCELLED
    claim = queue.claim()
    assert claim.training_id == runs
    assert queue.cancel(runs).state == State.CANCELLED
    assert queue.holds(claim) is False
    assert queue.succeed(claim, RESULT, None, 0.1) is False
    assert records_kept(store) == []
    for ended in (waits, runs):
        with pytest.raises(TrainingEnded, match="cancelled"):
            queue.cancel(ended)
    with pytest.raises(UnknownTraining):
        queue.cancel("0" * 32)


def test_of_a_cancel_and_an_end_at_once_one_wins(queue, store, submitted):
    for number in range(10):
        training_id, claim = submitted(), queue.claim()

        def cancel(training_id=training_id):
            try:
                return queue.cancel(training_id).state == State.CANCELLED
            except TrainingEnded:
                return False

        cancelled, succeeded = at_once([cancel, lambda claim=claim: queue.succeed(claim, RESULT, None, 0.1)])
        assert cancelled != succeeded, number
        training = queue.training(training_id)
        assert training.state == (State.CANCELLED if cancelled else State.SUCCEEDED)
        assert (training.model_version is None) == cancelled
    assert records_kept(store) == []


def test_progress_is_numbered_and_of_the_present_attempt(queue, submitted):
    training_id = submitted()
    first = queue.claim()
    for done in (0.25, 0.5):
        assert queue.renew(first, Progress(1, 2, 3, 0.7, done))
    assert queue.training(training_id).progress["done"] == 0.5
    queue.died(first, DEATH)
    assert queue.training(training_id).progress is None
    second = queue.claim()
    assert queue.training(training_id).progress is None
    assert queue.succeed(second, RESULT, Progress(2, 2, 9, 0.6, 1.0), 0.1)
    told = queue.progress_after(training_id, 0)
    assert [(number, progress["done"]) for number, progress in told] == [(1, 0.25), (2, 0.5), (3, 1.0)]
    assert queue.progress_after(training_id, 2) == told[2:]
    assert told[2][1] == {"start": 2, "starts": 2, "iteration": 9, "loss": 0.6, "done": 1.0}


def test_records_of_a_failed_training_stay_when_asked_for(store, submitted):
    keeping = Claims(store, slots=1, lease_seconds=60, keep_failed=True)
    failed, succeeded, cancelled = submitted(), submitted(), submitted()
    keeping.fail(keeping.claim(), TrainingDataUnusable("No."))
    keeping.succeed(keeping.claim(), RESULT, None, 0.1)
    keeping.cancel(cancelled)
    assert records_kept(store) == [failed]
    assert keeping.training(succeeded).model_version == 1


def test_the_queue_has_an_end(queue, job):
    ids = [queue.submit(job, 2, None).training.id for _ in range(2)]
    with pytest.raises(TooBusy, match="2 trainings wait") as refused:
        queue.submit(job, 2, None)
    assert refused.value.headers == {"Retry-After": "10"}
    assert queue.claim().training_id == ids[0]
    queue.submit(job, 2, None)
    assert len(queue.page(10, None)) == 3


def test_many_at_once_do_not_pass_its_end(queue, job):
    def try_to_submit():
        try:
            return queue.submit(job, 5, None).training.id
        except TooBusy:
            return None

    accepted = [training_id for training_id in at_once([try_to_submit] * 10) if training_id]
    assert len(accepted) == 5
    assert sorted(training.id for training in queue.page(100, None)) == sorted(accepted)


def test_a_key_names_one_training(queue, job):
    key = Key("k", "sha256:1")
    first = queue.submit(job, 1, key)
    again = queue.submit(job, 1, key)  # also when the queue is full
    assert (first.repeated, again.repeated, again.training.id) == (False, True, first.training.id)
    with pytest.raises(IdempotencyKeyReused):
        queue.submit(job, 10, Key("k", "sha256:2"))
    assert queue.submit(job, 10, Key("l", "sha256:1")).training.id != first.training.id
    training = queue.training(first.training.id)
    assert training == first.training == again.training
    first.refuse_if_under_way()
    with pytest.raises(RequestUnderWay) as conflict:
        again.refuse_if_under_way()
    assert conflict.value.headers == {"Location": f"/train/{training.id}"}
    queue.accept(training)
    once_more = queue.submit(job, 10, key)
    assert once_more.accepted == training.published()
    once_more.refuse_if_under_way()


def test_who_does_not_wait_is_accepted_in_the_same_transaction(queue, job):
    key = Key("k", "sha256:1")
    first = queue.submit(job, 10, key, waits=False)
    assert first.accepted == first.training.published()
    assert first.accepted["queue_position"] == 1
    assert queue.submit(job, 10, key, waits=False).accepted == first.accepted


def test_of_requests_with_one_key_at_once_one_makes_a_training(queue, job):
    got = at_once([lambda: queue.submit(job, 10, Key("k", "sha256:1"))] * 8)
    assert len({submission.training.id for submission in got}) == 1
    assert sorted(submission.repeated for submission in got) == [False] + [True] * 7
    assert len(queue.page(10, None)) == 1


def test_a_key_is_free_again_after_a_day(queue, store, job):
    key = Key("k", "sha256:1")
    first = queue.submit(job, 10, key).training.id
    for hours, same in ((23.9, True), (24.1, False)):
        with store.writing() as connection:
            connection.execute(
                sa.update(idempotency_keys)
                .where(idempotency_keys.c.training_id == first)
                .values(used_at=time() - hours * 3600)
            )
        assert (queue.submit(job, 10, key).training.id == first) == same
    with store.reading() as connection:
        assert connection.execute(sa.select(sa.func.count()).select_from(idempotency_keys)).scalar_one() == 1


def test_pages_are_newest_first_and_whole(queue, submitted):
    ids = [submitted() for _ in range(7)]
    seen, before = [], None
    while page := queue.page(3, before):
        seen += [training.id for training in page]
        before = seen[-1]
    assert seen == ids[::-1]
    with pytest.raises(UnknownTraining):
        queue.page(3, "f" * 32)


def test_an_attempt_that_was_handed_back_leaves_no_progress_to_the_next(queue, submitted):
    training_id = submitted()
    first = queue.claim()
    queue.renew(first, Progress(1, 2, 3, 0.7, 0.5))
    queue.hand_back(first)
    second = queue.claim()
    assert (first.attempt, second.attempt) == (1, 1)
    assert queue.training(training_id).progress is None
    assert queue.cancel(training_id).progress is None
    assert queue.holds(first) is queue.holds(second) is False


def test_of_a_sign_of_life_and_a_recovery_at_once_one_wins(queue, store, submitted):
    training_id = submitted()
    for _ in range(15):
        claim = queue.claim()
        with store.writing() as connection:
            connection.execute(sa.update(trainings).values(lease_until=0.0, attempt=1))
        renewed, recovered = at_once([lambda claim=claim: queue.renew(claim), queue.recover])
        assert renewed == (recovered == [])
        assert queue.holds(claim) == renewed
        if renewed:
            queue.hand_back(claim)
    assert queue.training(training_id).state == State.QUEUED


def test_of_a_training_that_ended_an_hour_ago_the_last_progress_is_kept(queue, store, submitted):
    told = [Progress(1, 4, step, 0.5 - step / 100, step / 10) for step in range(1, 6)]
    ended, fresh = submitted(), submitted()
    for training_id in (ended, fresh):
        claim = queue.claim()
        assert claim.training_id == training_id
        for progress in told[:4]:
            queue.renew(claim, progress)
        queue.fail(claim, TrainingDataUnusable("why"))
    running = submitted()
    claim = queue.claim()
    queue.renew(claim, told[0])
    queue.renew(claim, told[1])
    with store.writing() as connection:
        for training_id, seconds in ((ended, 3605), (fresh, 3590)):
            moved = sa.update(trainings).where(trainings.c.id == training_id)
            connection.execute(moved.values(finished_at=now(seconds_ago=seconds)))
    queue.prune()
    queue.prune()
    assert queue.progress_after(ended, 0) == [(4, vars(told[3]))]
    assert queue.newest_progress(ended) == 4
    assert queue.training(ended).progress == vars(told[3])
    assert [number for number, _ in queue.progress_after(fresh, 0)] == [1, 2, 3, 4]
    assert [number for number, _ in queue.progress_after(running, 0)] == [1, 2]

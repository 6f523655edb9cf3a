"""One training from records to a model version: begun in the store, run in a process, ended in one transaction."""

import asyncio
import hashlib
import time
import uuid
from dataclasses import dataclass
from typing import Any

import numpy as np

from app.errors import InternalError, InvalidOptions, Problem, TrainingDataUnusable, TrainingFailed
from app.network.fit import FitOptions, Fitted, UnusableData
from app.network.parameters import Array
from app.registry import weights_file
from app.registry.registry import now
from app.store import trainings, versions
from app.store.database import Store
from app.trainings.runner import Runner
from app.trainings.states import SOURCES, State


@dataclass(frozen=True)
class Job:
    """What to train on, and how. `inputs` (n, d) are named by `input_names`; `targets` (n,) are 1 for promoted."""

    input_names: tuple[str, ...]
    inputs: Array
    targets: Array
    options: FitOptions
    threshold: float
    activate: bool

    def __post_init__(self) -> None:
        """Turn away at once, without a training, what no network can learn from. Raises TrainingDataUnusable."""
        n, promoted = len(self.targets), int(self.targets.sum())
        if n < 3 or promoted in (0, n):
            raise TrainingDataUnusable(
                f"There are {n} records, {promoted} of them promoted and {n - promoted} not: at least 3 records are "
                "needed, and at least one of each decision."
            )

    def records_digest(self) -> str:
        """SHA-256 over the records in order, each as its inputs and target in little-endian float64."""
        rows = np.column_stack([self.inputs, self.targets]).astype("<f8")
        return f"sha256:{hashlib.sha256(rows.tobytes()).hexdigest()}"


async def train(job: Job, store: Store, runner: Runner) -> int:
    """Train and return the number of the new version, which is stored, and active if asked for, by then.

    Raises TrainingDataUnusable, InvalidOptions (a learning rate that is too large), TrainingFailed and
    StoreUnavailable. What is in service stays so in each case.
    """
    training_id = uuid.uuid4().hex
    records_digest = await asyncio.to_thread(job.records_digest)
    # Before the training, so that a volume that cannot be written is known at once and not after the work.
    await asyncio.to_thread(_begin, store, training_id, job, records_digest)
    try:
        began = time.perf_counter()
        fitted = await _fit(job, runner)
        card = _card(job, fitted, records_digest, time.perf_counter() - began)
        return await asyncio.to_thread(_succeed, store, training_id, card, fitted, job.activate)
    except Exception as error:
        problem = error if isinstance(error, Problem) else InternalError("The service made a mistake.")
        await asyncio.to_thread(_fail, store, training_id, problem)
        raise


async def _fit(job: Job, runner: Runner) -> Fitted:
    try:
        fitted = await runner.run(job.inputs, job.targets, job.options)
    except UnusableData as error:
        raise TrainingDataUnusable(f"These records cannot be trained on: {error}.") from error
    if fitted.outcome == "not_finite":
        raise InvalidOptions("learning_rate: the training left the finite numbers; a smaller one keeps it there.")
    return fitted


def _begin(store: Store, training_id: str, job: Job, records_digest: str) -> None:
    with store.writing() as connection:
        trainings.insert(
            connection,
            id=training_id,
            state=State.RUNNING,
            submitted_at=now(),
            started_at=now(),
            options=applied_options(job.options, len(job.targets)),
            rows=len(job.targets),
            records_digest=records_digest,
        )


def _succeed(store: Store, training_id: str, card: dict[str, Any], fitted: Fitted, activate: bool) -> int:
    """The version, its activation and the end of the training: all of them or none."""
    file = weights_file.encode(fitted.parameters)
    with store.writing() as connection:
        moment = now()
        if not trainings.move(connection, training_id, SOURCES[State.SUCCEEDED], State.SUCCEEDED, finished_at=moment):
            raise TrainingFailed("The training was ended by someone else.")
        version = versions.insert(
            connection,
            training_id=training_id,
            created_at=moment,
            digest=weights_file.digest(file),
            card=card,
            weights=file,
        )
        if activate:
            versions.activate(connection, version, moment)
    return version


def _fail(store: Store, training_id: str, problem: Problem) -> None:
    with store.writing() as connection:
        trainings.move(
            connection,
            training_id,
            SOURCES[State.FAILED],
            State.FAILED,
            finished_at=now(),
            problem={"code": problem.code, "detail": problem.detail},
        )


def _card(job: Job, fitted: Fitted, records_digest: str, seconds: float) -> dict[str, Any]:
    """What the version will say of itself for ever."""
    network: dict[str, Any] = {"kind": job.options.network, "inputs": list(job.input_names)}
    if job.options.network == "two_layer":
        network["hidden_units"] = job.options.hidden_units
    return {
        "threshold": job.threshold,
        "network": network,
        "training": {
            "rows": len(job.targets),
            "promoted": int(job.targets.sum()),
            "solver": job.options.solver,
            "options": applied_options(job.options, len(job.targets)),
            "outcome": fitted.outcome,
            "iterations": fitted.iterations,
            "loss": fitted.loss,
            "records_digest": records_digest,
            "seconds": round(seconds, 3),
        },
    }


def applied_options(options: FitOptions, rows: int) -> dict[str, Any]:
    """The options that this network and this solver use on so many rows, and no others."""
    applied: dict[str, Any] = {"network": options.network, "solver": options.solver}
    if options.network == "two_layer":
        applied["hidden_units"] = options.hidden_units
    if options.solver == "gradient_descent":
        applied |= {"learning_rate": options.learning_rate, "epochs": options.epochs}
    else:
        applied |= {"max_iterations": options.max_iterations, "starts": options.starts_on(rows)}
    return applied | {"alpha": options.alpha, "seed": options.seed}

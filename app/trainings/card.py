"""What a model version will say of itself for ever."""

from typing import Any

from app.network.fitted import Fitted
from app.network.options import FitOptions
from app.network.solvers.starts import starts_on
from app.trainings.job import Job


def card(job: Job, fitted: Fitted, records_digest: str, seconds: float) -> dict[str, Any]:
    """The threshold, the network, and how it was trained in so many seconds."""
    network: dict[str, Any] = {"kind": job.fit.network, "inputs": list(job.input_names)}
    if job.fit.network == "two_layer":
        network["hidden_units"] = job.fit.hidden_units
    return {
        "threshold": job.threshold,
        "network": network,
        "training": {
            "rows": job.rows,
            "promoted": job.promoted,
            "solver": job.fit.solver,
            "options": applied_options(job.fit, job.rows),
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
        applied |= {"max_iterations": options.max_iterations, "starts": starts_on(rows, options)}
    return applied | {"alpha": options.alpha, "seed": options.seed}

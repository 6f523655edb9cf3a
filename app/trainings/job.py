"""What a training is made on, and how. It is kept until the training has ended."""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from app.errors import TrainingDataUnusable
from app.network.options import FitOptions
from app.network.parameters import Array


@dataclass(frozen=True, eq=False)
class Job:
    """What to train on, and how. A row of `table` (n, d + 1) has the inputs, named by `input_names`, and the target, 1
    for promoted. `report`: whether the model shall say how good it is, which takes some times as long as the training.
    """

    input_names: tuple[str, ...]
    table: Array
    fit: FitOptions
    threshold: float
    activate: bool
    report: bool

    def refuse_if_unusable(self) -> None:
        """Raises TrainingDataUnusable when no network can learn from these records."""
        n, promoted = self.rows, self.promoted
        if n < 3 or promoted in (0, n):
            raise TrainingDataUnusable(
                f"There are {n} records, {promoted} of them promoted and {n - promoted} not: at least 3 records are "
                "needed, and at least one of each decision."
            )

    @property
    def rows(self) -> int:
        """n, the number of records."""
        return len(self.table)

    @property
    def promoted(self) -> int:
        """How many of them are of people who were promoted."""
        return int(self.table[:, -1].sum())

    def records(self) -> memoryview:
        """The table's bytes: row by row, little-endian float64. No copy where it lies in memory like this already."""
        return np.ascontiguousarray(self.table, "<f8").data.cast("B")

    def options(self) -> dict[str, Any]:
        """Everything else, as JSON holds it."""
        return {
            "input_names": list(self.input_names),
            "fit": asdict(self.fit),
            "threshold": self.threshold,
            "activate": self.activate,
            "report": self.report,
        }


def stored_job(options: dict[str, Any], records: bytes) -> Job:
    """The inverse of a job's options and records."""
    return job_of(options, np.frombuffer(records, "<f8").reshape(-1, len(options["input_names"]) + 1))


def job_of(options: dict[str, Any], table: Array) -> Job:
    """The job of these options on a table (n, d + 1)."""
    fit, report = FitOptions(**options["fit"]), options.get("report", True)  # a release before reports queued it
    return Job(tuple(options["input_names"]), table, fit, options["threshold"], options["activate"], report)

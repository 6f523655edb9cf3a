"""What a training is made on, and how: turned away when no network could learn from it, kept until it has ended."""

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

    def __post_init__(self) -> None:
        """Turn away at once, without a training, what no network can learn from. Raises TrainingDataUnusable."""
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
    input_names = tuple(options["input_names"])
    table = np.frombuffer(records, "<f8").reshape(-1, len(input_names) + 1)
    fit, report = FitOptions(**options["fit"]), options.get("report", True)  # a release before reports queued it
    return Job(input_names, table, fit, options["threshold"], options["activate"], report)

"""What a training is made on, and how: turned away when no network could learn from it, kept until it has ended."""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from app.errors import TrainingDataUnusable
from app.network.fit import FitOptions
from app.network.parameters import Array


@dataclass(frozen=True)
class Job:
    """What to train on, and how. `inputs` (n, d) are named by `input_names`; `targets` (n,) are 1 for promoted."""

    input_names: tuple[str, ...]
    inputs: Array
    targets: Array
    fit: FitOptions
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

    def records(self) -> bytes:
        """The records in order, each as its inputs and target in little-endian float64."""
        return np.column_stack([self.inputs, self.targets]).astype("<f8", copy=False).tobytes()

    def options(self) -> dict[str, Any]:
        """Everything else, as JSON holds it."""
        return {
            "input_names": list(self.input_names),
            "fit": asdict(self.fit),
            "threshold": self.threshold,
            "activate": self.activate,
        }


def stored_job(options: dict[str, Any], records: bytes) -> Job:
    """The inverse of a job's options and records."""
    input_names = tuple(options["input_names"])
    table = np.frombuffer(records, "<f8").reshape(-1, len(input_names) + 1)
    fit = FitOptions(**options["fit"])
    return Job(input_names, table[:, :-1], table[:, -1], fit, options["threshold"], options["activate"])

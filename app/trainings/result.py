"""What a training comes to."""

from dataclasses import dataclass
from typing import Any

from app.network.fitted import Fitted
from app.network.parameters import Array


@dataclass(frozen=True, eq=False)
class Result:
    """The network; the named tensors of what its scores are explained with, None when the training left the finite
    numbers; and what it reports of itself, as JSON holds it, None when that was not wanted.
    """

    fitted: Fitted
    evidence: dict[str, Array] | None
    report: dict[str, Any] | None

"""What a training comes to."""

from dataclasses import dataclass
from typing import Any

from app.insight.evidence.evidence import Evidence
from app.network.fitted import Fitted


@dataclass(frozen=True, eq=False)
class Result:
    """The network; what its scores are explained with, None when the training left the finite numbers; and what it
    reports of itself, as JSON holds it, None when that was not wanted.
    """

    fitted: Fitted
    evidence: Evidence | None
    report: dict[str, Any] | None

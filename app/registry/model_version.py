"""One model version: everything that scoring and publishing it need, checked once when it is read."""

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import orjson

from app.digest import digest
from app.errors import NotExplainable, StoreUnavailable
from app.inputs import INPUTS
from app.insight.evidence.evidence import Evidence
from app.insight.explainer import Explainer
from app.insight.question import Question
from app.network.parameters import Parameters
from app.registry import evidence_file
from app.registry.last_explainer import LastExplainer


@dataclass(frozen=True)
class ModelVersion:
    """An immutable version. `card` is what its training recorded: threshold, network and training. Versions from before
    explanations have no evidence and no report; with `report=false` there is no report.
    """

    version: int
    created_at: str
    training_id: str
    digest: str
    threshold: float
    parameters: Parameters
    weights_file: bytes
    card: dict[str, Any]
    evidence_file: bytes | None
    report: dict[str, Any] | None
    _last_explainer: LastExplainer = field(default_factory=LastExplainer, init=False, repr=False, compare=False)

    def published(self, active: bool) -> dict[str, Any]:
        """The model as every endpoint shows it."""
        return {
            "version": self.version,
            "active": active,
            "created_at": self.created_at,
            "training_id": self.training_id,
            "digest": self.digest,
            "threshold": self.threshold,
            "network": self.card["network"] | {"weights": _weights(self.parameters)},
            "training": self.card["training"],
            "report": self.report,
        }

    @cached_property
    def evidence(self) -> Evidence | None:
        """What its scores are explained with, which nothing else needs. Raises StoreUnavailable when it was damaged."""
        if self.evidence_file is None:
            return None
        if (evidence := evidence_file.decode(self.evidence_file)) is None:
            raise StoreUnavailable(f"What model version {self.version} is explained with does not match its digest.")
        return evidence

    def explainer(self, question: Question) -> Explainer:
        """What explains its scores. Raises NotExplainable, StoreUnavailable, NobodyAboveThreshold, and ValueError for
        steps that cannot be.
        """
        return self._last_explainer.get(question) or self._last_explainer.keep(question, self._explainer(question))

    def _explainer(self, question: Question) -> Explainer:
        if self.evidence is None:
            raise NotExplainable(f"Model version {self.version} is older than explanations.")
        return Explainer(
            self.parameters,
            self.threshold,
            self.evidence,
            question,
            highest=tuple(float(each.highest) for each in INPUTS),
            may_fall=tuple(each.may_fall for each in INPUTS),
        )

    @cached_property
    def in_service(self) -> tuple[bytes, str]:
        """The body of GET /model while this version is active, and its entity tag."""
        body = orjson.dumps(self.published(active=True))
        return body, f'"{digest(body)}"'


def _weights(parameters: Parameters) -> dict[str, Any]:
    weights: dict[str, Any] = {"output": parameters.output.tolist(), "output_bias": parameters.output_bias}
    if parameters.hidden is None or parameters.hidden_bias is None:
        return weights
    return {"hidden": parameters.hidden.tolist(), "hidden_bias": parameters.hidden_bias.tolist()} | weights

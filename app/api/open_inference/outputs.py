"""The outputs of the Open Inference Protocol: the score, and on demand what an explanation says, as tensors."""

from collections.abc import Collection, Sequence

import numpy as np
import numpy.typing as npt

from app.api.explanations.explaining import explainer_of
from app.insight.changes.changes import Changes
from app.insight.explainer import Explainer, Question
from app.network.forward import score
from app.network.parameters import Array
from app.registry.model_version import ModelVersion

SCORE = {"probability": "FP64", "promote": "BOOL"}
"""What comes when no output is named."""

_Outputs = dict[str, npt.NDArray[np.generic]]
_EXPLANATION = {
    "base_logit": "FP64",
    "base_probability": "FP64",
    "contributions_logit": "FP64",
    "contributions_probability": "FP64",
    "residual": "FP64",
    "interval_low": "FP64",
    "interval_high": "FP64",
    "nearest_change": "FP64",
    "nearest_change_found": "BOOL",
    "highest_reachable_probability": "FP64",
    "outside_training_data": "BOOL",
    "interval_crosses_threshold": "BOOL",
    "few_similar_cases": "BOOL",
    "refer_to_person": "BOOL",
}
DATATYPES = SCORE | _EXPLANATION
"""Every output, in the order of the metadata."""

WIDE = ("contributions_logit", "contributions_probability", "nearest_change")
"""Those with a number for each input: shape [n, 2] instead of [n]."""


def explains(names: Collection[str]) -> bool:
    """Whether one of these outputs needs an explanation."""
    return not set(names) <= set(SCORE)


def outputs(model: ModelVersion, question: Question, inputs: Array, names: Sequence[str]) -> _Outputs:
    """The outputs of these names for inputs (n, d), and maybe others, row by row; where no change is found, the nearest
    one is where they stand.
    """
    probabilities = score(model.parameters, inputs)
    found: _Outputs = {"probability": probabilities, "promote": probabilities >= model.threshold}
    return found | _explanations(explainer_of(model, question), inputs) if explains(names) else found


def _explanations(explainer: Explainer, inputs: Array) -> _Outputs:
    given = explainer.explain(inputs)
    return {
        "base_logit": np.full(len(inputs), explainer.base_logit),
        "base_probability": np.full(len(inputs), explainer.base_probability),
        "contributions_logit": np.ascontiguousarray(given.logit),
        "contributions_probability": np.ascontiguousarray(given.probability),
        "residual": given.residual,
        "interval_low": given.low,
        "interval_high": given.high,
        "nearest_change": _nearest(inputs, given.changes),
        "nearest_change_found": given.changes.any,
        "highest_reachable_probability": given.changes.highest_reachable_probability,
        "outside_training_data": np.asarray(given.outside.any(axis=1)),
        "interval_crosses_threshold": given.crosses,
        "few_similar_cases": given.few,
        "refer_to_person": given.warned,
    }


def _nearest(inputs: Array, changes: Changes) -> Array:
    points = inputs.copy()
    for k, kind in enumerate(changes.kinds):
        rows = changes.ranked[0] == k
        for i, values in zip(kind.inputs, kind.values, strict=True):
            points[rows, i] = values[rows]
    return points

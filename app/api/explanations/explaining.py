"""From a model version and a question to explained employees, all of them or those that the caller chose."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from app.errors import InvalidOptions
from app.insight.explainer import Explained, Explainer, Explanations, NobodyAboveThreshold
from app.insight.question import Question
from app.network.forward import logit, probability
from app.network.one import logit_one, probability_one
from app.network.parameters import Array
from app.network.rows import blocks
from app.registry.model_version import ModelVersion

Where = Literal["not_promoted", "near_threshold", "warned"]
NEAR = 0.1
"""In probability: so far from the threshold a score is near it."""

_BLOCK_ROWS = 16384


def explainer_of(model: ModelVersion, question: Question) -> Explainer:
    """Raises NotExplainable, StoreUnavailable and InvalidOptions."""
    try:
        return model.explainer(question)
    except NobodyAboveThreshold:
        raise InvalidOptions(
            f"background: version {model.version} promotes nobody of its training data, so that nobody is just above "
            "its threshold."
        ) from None
    except ValueError as error:  # of steps that parameters of the Open Inference Protocol gave
        raise InvalidOptions(f"step.…: {error}.") from None


@dataclass(frozen=True, eq=False)
class ExplainedScores:
    """n scores as columns, and the explanations of m of them.

    probabilities (n,), promote (n,)
    explained     (m,) the places of those that were chosen, ascending
    explanations  m rows of them
    """

    probabilities: Array
    promote: NDArray[np.bool_]
    explained: NDArray[np.intp]
    explanations: Explanations


def explained_scores(
    model: ModelVersion, question: Question, where: Where | None, inputs: Array
) -> Iterator[tuple[slice, ExplainedScores]]:
    """The scores of inputs (n, d), and the explanations of all, or of those chosen by `where`; block by block, so that
    what is said of a million employees is never in memory at once.
    """
    explainer = explainer_of(model, question)
    for rows in blocks(len(inputs), _BLOCK_ROWS):
        block = inputs[rows]
        z = logit(model.parameters, block)
        probabilities = probability(z)
        if where is None:
            explained, explanations = np.arange(len(block)), explainer.explain(block, z, probabilities)
        else:
            explained = np.flatnonzero(_chosen(explainer, where, block, z, probabilities))
            explanations = explainer.explain(block[explained], z[explained], probabilities[explained])
        yield rows, ExplainedScores(probabilities, probabilities >= model.threshold, explained, explanations)


def _chosen(explainer: Explainer, where: Where, inputs: Array, z: Array, probabilities: Array) -> NDArray[np.bool_]:
    if where == "not_promoted":
        return probabilities < explainer.threshold
    if where == "near_threshold":
        return np.abs(probabilities - explainer.threshold) <= NEAR
    return explainer.warned(inputs, z, probabilities)


class ExplainedScore(NamedTuple):
    """One score in Python's own values, and its explanation; None where it was not chosen."""

    probability: float
    promote: bool
    explanation: Explained | None


def explained_score(model: ModelVersion, question: Question, where: Where | None, x: list[float]) -> ExplainedScore:
    """What `explained_scores` says of one employee, x (d,), in a tenth of the time."""
    explainer, threshold = explainer_of(model, question), model.threshold
    z = logit_one(model.parameters, x)
    p = probability_one(z)
    explanation: Explained | None = None
    if (
        where in (None, "warned")
        or (where == "not_promoted" and p < threshold)
        or (where == "near_threshold" and abs(p - threshold) <= NEAR)
    ):
        explanation = explainer.explain_one(x, z, p)
        if where == "warned" and not explanation.warned:
            explanation = None
    return ExplainedScore(p, p >= threshold, explanation)

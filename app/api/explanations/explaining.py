"""From a model version and a question to explained employees, all of them or those that the caller chose."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from app.errors import InvalidOptions, NotExplainable
from app.inputs import HIGHEST
from app.inputs import NAMES as INPUTS
from app.insight.explainer import Explained, Explainer, Explanations, NobodyAboveThreshold, Question
from app.network.forward import logit_one, probability_one, score
from app.network.parameters import Array
from app.network.rows import blocks
from app.registry.model_version import ModelVersion

Where = Literal["not_promoted", "near_threshold", "warned"]
NEAR = 0.1
"""In probability: so far from the threshold a score is near it."""

MAY_FALL = (False, True)
"""Years of experience only grow."""

_BLOCK_ROWS = 16384


class _Last:
    """The explainer that was asked for last: what it keeps of its answers may be 4.5 MiB, and one is enough for nearly
    every caller. It is replaced by one assignment, so that threads may share it.
    """

    def __init__(self) -> None:
        self._last: tuple[ModelVersion, Question, Explainer] | None = None

    def of(self, model: ModelVersion, question: Question) -> Explainer:
        """Raises NotExplainable, StoreUnavailable and InvalidOptions."""
        last = self._last
        if last is not None and last[0] is model and (last[1] is question or last[1] == question):
            return last[2]
        explainer = _explainer(model, question)
        self._last = model, question, explainer
        return explainer


explainer_of = _Last().of


def _explainer(model: ModelVersion, question: Question) -> Explainer:
    if model.evidence is None:
        raise NotExplainable(f"Model version {model.version} is older than explanations.")
    highest = tuple(float(HIGHEST[name]) for name in INPUTS)
    try:
        return Explainer(
            model.parameters, model.threshold, model.evidence, question, highest=highest, may_fall=MAY_FALL
        )
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

    inputs (n, d), probabilities (n,), promote (n,)
    explained     (m,) the places of those that were chosen, ascending
    explanations  m rows of them
    """

    explainer: Explainer
    inputs: Array
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
        probabilities = score(model.parameters, block)
        if where is None:
            explained = np.arange(len(block))
        else:
            explained = np.flatnonzero(_chosen(explainer, where, block, probabilities, model.threshold))
        promote = probabilities >= model.threshold
        explanations = explainer.explain(block[explained])
        yield rows, ExplainedScores(explainer, block, probabilities, promote, explained, explanations)


def _chosen(
    explainer: Explainer, where: Where, inputs: Array, probabilities: Array, threshold: float
) -> NDArray[np.bool_]:
    if where == "not_promoted":
        return probabilities < threshold
    if where == "near_threshold":
        return np.abs(probabilities - threshold) <= NEAR
    return explainer.warned(inputs)


class ExplainedScore(NamedTuple):
    """One score in Python's own values, and its explanation; None where it was not chosen."""

    explainer: Explainer
    x: list[float]
    probability: float
    promote: bool
    explanation: Explained | None


def explained_score(model: ModelVersion, question: Question, where: Where | None, x: list[float]) -> ExplainedScore:
    """What `explained_scores` says of one employee, x (d,), in a tenth of the time."""
    explainer, threshold = explainer_of(model, question), model.threshold
    z = logit_one(model.parameters, x)
    probability = probability_one(z)
    explanation: Explained | None = None
    if (
        where in (None, "warned")
        or (where == "not_promoted" and probability < threshold)
        or (where == "near_threshold" and abs(probability - threshold) <= NEAR)
    ):
        explanation = explainer.explain_one(x, z)
        if where == "warned" and not explanation.warned:
            explanation = None
    return ExplainedScore(explainer, x, probability, probability >= threshold, explanation)

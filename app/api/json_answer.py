"""Scores as JSON. msgspec writes a record of fixed fields in half the time of making and writing a dictionary."""

from collections.abc import Sequence

from msgspec import Struct
from msgspec.json import Encoder

from app.api.explanations.explaining import ExplainedScore
from app.api.explanations.field import Record
from app.api.explanations.json import explanation
from app.registry.model_version import ModelVersion


class _Prediction(Struct, gc=False):
    employee_id: str | None
    probability: float
    promote: bool


class _Explained(Struct):
    employee_id: str | None
    probability: float
    promote: bool
    explanation: Record | None


class _Predictions(Struct):
    model_version: int
    threshold: float
    predictions: list[_Prediction] | list[_Explained]


_encode = Encoder().encode


def write_json(
    model: ModelVersion, ids: Sequence[str | None], probabilities: Sequence[float], promote: Sequence[bool]
) -> bytes:
    """The employees' scores, in order, and the version that made them; documents.py declares it."""
    return _encode(_Predictions(model.version, model.threshold, list(map(_Prediction, ids, probabilities, promote))))


def write_explained_json(model: ModelVersion, employee_id: str | None, one: ExplainedScore) -> bytes:
    """The same of one employee with the explanation, null where there is none."""
    said = None if one.explanation is None else explanation(one.explanation)
    explained = _Explained(employee_id, one.probability, one.promote, said)
    return _encode(_Predictions(model.version, model.threshold, [explained]))

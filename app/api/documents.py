"""The answers, as the contract declares them."""

from typing import Annotated, Any, Literal, NotRequired

from pydantic import Field
from typing_extensions import TypedDict

Version = Annotated[int, Field(ge=1, le=2**31 - 1, examples=[1])]
"""A model version's number: what a 32-bit database column holds."""


class Weights(TypedDict):
    """The weights in the units of the raw inputs. `hidden[i][k]` goes from input i to hidden unit k."""

    hidden: NotRequired[list[list[float]]]
    hidden_bias: NotRequired[list[float]]
    output: list[float]
    output_bias: float


class NetworkDocument(TypedDict):
    """two_layer: aₖ = σ(Σᵢ hidden[i][k]·xᵢ + hidden_bias[k]), ŷ = σ(Σₖ output[k]·aₖ + output_bias); single_neuron:
    ŷ = σ(Σᵢ output[i]·xᵢ + output_bias).
    """

    kind: Literal["two_layer", "single_neuron"]
    inputs: list[str]
    hidden_units: NotRequired[int]
    weights: Weights


class TrainingDocument(TypedDict):
    """How the version was trained. `loss` is the mean cross-entropy on the training rows, without the penalty."""

    rows: int
    promoted: int
    solver: str
    options: dict[str, Any]
    outcome: Literal["converged", "iteration_limit"]
    iterations: int
    loss: float
    records_digest: str
    seconds: float


class ModelDocument(TypedDict):
    """A model version. `digest` is that of its weights file."""

    version: int
    active: bool
    created_at: str
    training_id: str
    digest: str
    threshold: float
    network: NetworkDocument
    training: TrainingDocument


class VersionsDocument(TypedDict):
    """A page of versions, newest first; `next` is the path of the next page, null on the last."""

    versions: list[ModelDocument]
    next: str | None


class Prediction(TypedDict):
    """One score. `promote` is whether the probability is at least the model's threshold."""

    employee_id: str | None
    probability: float
    promote: bool


class PredictionsDocument(TypedDict):
    """Scores in the order in which the employees were sent, all of one model version."""

    model_version: int
    threshold: float
    predictions: list[Prediction]

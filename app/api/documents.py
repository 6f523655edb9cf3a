"""The answers, as the contract declares them."""

from typing import Annotated, Any, Literal, NotRequired

from fastapi import Path
from pydantic import Field
from typing_extensions import TypedDict

from app.api.explanations.json import Explanation

Version = Annotated[int, Field(ge=1, le=2**31 - 1, examples=[1])]
"""A model version's number: what a 32-bit database column holds."""

VersionInPath = Annotated[Version, Path(description="The version's number.")]


class Weights(TypedDict):
    """The weights in the units of the raw inputs. `hidden[i][k]` goes from input i to hidden unit k."""

    hidden: NotRequired[list[list[float]]]
    hidden_bias: NotRequired[list[float]]
    output: list[float]
    output_bias: float


class NetworkDocument(TypedDict):
    """`two_layer`: aₖ = σ(Σᵢ hidden[i][k]·xᵢ + hidden_bias[k]), ŷ = σ(Σₖ output[k]·aₖ + output_bias); `single_neuron`:
    ŷ = σ(Σᵢ output[i]·xᵢ + output_bias).
    """

    kind: Literal["two_layer", "single_neuron"]
    inputs: list[str]
    hidden_units: NotRequired[int]
    weights: Weights


class ModelTrainingDocument(TypedDict):
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
    training: ModelTrainingDocument
    report: dict[str, Any] | None


class VersionsDocument(TypedDict):
    """A page of versions, newest first; `next` is the path of the next page, null on the last."""

    versions: list[ModelDocument]
    next: str | None


class Prediction(TypedDict):
    """One score. `promote` is whether the probability is at least the model's threshold. `explanation` is there with
    `explain=true`, and null for those whom `explain_where` leaves out.
    """

    employee_id: str | None
    probability: float
    promote: bool
    explanation: NotRequired[Explanation | None]  # type: ignore[valid-type] # made of a table


class PredictionsDocument(TypedDict):
    """Scores in the order in which the employees were sent, all of one model version."""

    model_version: int
    threshold: float
    predictions: list[Prediction]


class ActivationDocument(TypedDict):
    """A version was put into service, in place of `previous_version`; that is null for the first."""

    version: int
    activated_at: str
    previous_version: int | None


class ActivationsDocument(TypedDict):
    """A page of activations, newest first; `next` is the path of the next page, null on the last."""

    activations: list[ActivationDocument]
    next: str | None


class ProgressDocument(TypedDict):
    """How far a training is: the start that leads of all starts, the steps that it made, its loss, and the share of the
    work that is done, an estimate. The loss is the mean cross-entropy in nats. While starts are compared, it is that of
    a part of the rows, or of groups of them.
    """

    start: int
    starts: int
    iteration: int
    loss: float
    done: float


class TrainingDocument(TypedDict):
    """A training. `queue_position` is 1 for the next one to run, `attempt` counts how often it was begun, `problem` is
    the problem document of why it failed.
    """

    id: str
    state: Literal["queued", "running", "succeeded", "failed", "cancelled"]
    submitted_at: str
    started_at: str | None
    finished_at: str | None
    queue_position: int | None
    attempt: int
    progress: ProgressDocument | None
    model_version: int | None
    problem: dict[str, Any] | None


class TrainingsDocument(TypedDict):
    """A page of trainings, newest first; `next` is the path of the next page, null on the last."""

    trainings: list[TrainingDocument]
    next: str | None

"""The options and headers of POST /train."""

import re
from typing import Annotated, Literal

from pydantic import Field

from app.api.http.column_options import ColumnOptions
from app.api.http.options import Headers
from app.network.options import FitOptions

_default = FitOptions()
_PREFERENCE = re.compile(r'(?:[^,"]|"(?:[^"\\]|\\.)*")+')  # between commas that are not in quotes


class TrainOptions(ColumnOptions):
    """How to train, and what to do with the model."""

    network: Annotated[
        Literal["two_layer", "single_neuron"],
        Field(description="`two_layer`: sigmoid hidden units before the output; `single_neuron`: no hidden unit."),
    ] = _default.network
    hidden_units: Annotated[int, Field(ge=1, le=16, description="Hidden units of `two_layer`.")] = _default.hidden_units
    solver: Annotated[
        Literal["gauss_newton", "gradient_descent"],
        Field(
            description="`gauss_newton`: damped Gauss-Newton from many starts, of which the best is kept; "
            "`gradient_descent`: the plain rule w ← w − η ∂J/∂w, for teaching and for comparison."
        ),
    ] = _default.solver
    learning_rate: Annotated[
        float, Field(gt=0, le=1000, allow_inf_nan=False, description="The learning rate η of `gradient_descent`.")
    ] = _default.learning_rate
    epochs: Annotated[int, Field(ge=1, le=100_000, description="Steps of `gradient_descent`, each over all rows.")] = (
        _default.epochs
    )
    max_iterations: Annotated[int, Field(ge=1, le=10_000, description="Most steps of one start of `gauss_newton`.")] = (
        _default.max_iterations
    )
    alpha: Annotated[
        float,
        Field(
            ge=0,
            le=1000,
            allow_inf_nan=False,
            description="Strength of the penalty alpha/(2n)·Σ weights², as scikit-learn's MLPClassifier has it.",
        ),
    ] = _default.alpha
    seed: Annotated[
        int, Field(ge=0, le=2**32 - 1, description="Same records, options and seed: same weights, bit for bit.")
    ] = _default.seed
    starts: Annotated[
        int | None,
        Field(
            ge=1,
            le=1024,
            description="Starting points of `gauss_newton`; the best result is kept. Default: 128; below 2,048 "
            "records and with few hidden units as many more as cost the same, at most 1,024.",
        ),
    ] = _default.starts
    threshold: Annotated[
        float, Field(ge=0, le=1, allow_inf_nan=False, description="Promote from this probability on.")
    ] = 0.5
    activate: Annotated[bool, Field(description="Put the new version into service; false only stores it.")] = True
    report: Annotated[
        bool,
        Field(
            description="Let the model report how good it is: cross-validated performance, whether there is a signal "
            "at all, calibration, what it learned. It takes four to ten times as long as the training."
        ),
    ] = True

    def fit_options(self) -> FitOptions:
        """Those of them that the mathematics takes."""
        return FitOptions(**{name: getattr(self, name) for name in FitOptions.__dataclass_fields__})


class TrainHeaders(Headers):
    """When to answer, and how to repeat a request safely."""

    prefer: Annotated[
        str | None,
        Field(description="`respond-async` (RFC 7240): answer 202 as soon as the training is on disk, do not wait."),
    ] = None
    idempotency_key: Annotated[
        str | None,
        Field(
            pattern=r'^("[\x20\x21\x23-\x7e]{1,255}"|[\x21\x23-\x7e]{1,255})$',
            description="A name of the caller's for this request, such as a UUID. The same request again with the same "
            "key, within 24 hours, makes no second training and gets the answer of the first.",
        ),
    ] = None

    @property
    def respond_async(self) -> bool:
        """Whether the caller prefers not to wait; unknown preferences are ignored, as RFC 7240 has it."""
        preferences = _PREFERENCE.findall(self.prefer or "")
        return "respond-async" in [one.partition(";")[0].strip().lower() for one in preferences]

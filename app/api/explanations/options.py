"""The options of an explanation."""

from functools import cached_property
from typing import Annotated, Literal

from pydantic import Field, model_validator

from app.api.explanations.explaining import MAY_FALL
from app.api.http.options import Options
from app.errors import InvalidOptions
from app.inputs import HIGHEST
from app.inputs import NAMES as INPUTS
from app.insight.changes.lattice import Lattice
from app.insight.explainer import Question

_default = Question()


def _step(field: str, least: float) -> object:
    return Field(
        alias=f"step.{field}",
        ge=least,
        le=HIGHEST[field],
        allow_inf_nan=False,
        description=f"In which steps `{field}` may move in a change that turns the decision.",
    )


class ExplainOptions(Options):
    """Whether and how scores are explained."""

    explain: Annotated[bool, Field(description="Explain each score. The other options of explanations need it.")] = (
        False
    )
    explain_where: Annotated[
        Literal["not_promoted", "near_threshold", "warned"] | None,
        Field(
            description="Explain only these: who is not promoted, whose probability is within 0.1 of the threshold, "
            "or whose score has a warning. Default: everybody. The others' `explanation` is null."
        ),
    ] = None
    background: Annotated[
        Literal["training", "just_above_threshold"],
        Field(
            description="With whom contributions compare an employee: those the model was trained on, or those it only "
            "just promotes, which answers why somebody is not promoted."
        ),
    ] = _default.background
    level: Annotated[
        float, Field(ge=0.01, le=0.999, allow_inf_nan=False, description="Level of the credible interval.")
    ] = _default.level
    robust: Annotated[
        bool,
        Field(description="A change must turn the decision also at the end of the interval that speaks against it."),
    ] = _default.robust
    step_years_of_experience: Annotated[float, _step("years_of_experience", 0.1)] = _default.steps[0]
    step_performance_score: Annotated[float, _step("performance_score", 0.1)] = _default.steps[1]

    @model_validator(mode="after")
    def _only_with_explain(self) -> "ExplainOptions":
        if not self.explain:
            for name, field in ExplainOptions.model_fields.items():
                if getattr(self, name) != field.default:  # Swagger UI sends every default
                    raise InvalidOptions(f"{field.alias or name} needs explain=true.")
        try:
            Lattice(self._steps, tuple(float(HIGHEST[name]) for name in INPUTS), (1.0, 1.0), MAY_FALL)
        except ValueError as error:
            raise InvalidOptions(f"step.…: {error}.") from None
        return self

    @cached_property
    def question(self) -> Question | None:
        """What is asked; None where nothing is to be explained."""
        if not self.explain:
            return None
        return Question(self.background, self.level, self.robust, self._steps)

    @property
    def take_long(self) -> bool:
        """One explanation takes .6 ms by way of columns, robust ones up to 40."""
        return self.explain

    @property
    def at_hand(self) -> bool:
        """Whether one employee's takes no longer than some scores: mostly from a table that is made once, in 3 ms."""
        return not self.robust and self._steps == _default.steps

    @property
    def _steps(self) -> tuple[float, float]:
        return self.step_years_of_experience, self.step_performance_score

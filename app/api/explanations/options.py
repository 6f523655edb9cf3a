"""The options of an explanation."""

from functools import cached_property
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from app.api.http.options import Options, with_each_input
from app.errors import InvalidOptions
from app.inputs import INPUTS, Input
from app.insight.changes.lattice import Lattice
from app.insight.question import Question

LEAST_STEP = 0.1
"""Of every input, in its own unit."""

DEFAULT = Question(steps=tuple(each.step for each in INPUTS))
"""What is asked unless the caller says otherwise."""


def _step(each: Input) -> tuple[Any, Any]:
    return float, Field(
        each.step,
        alias=f"step.{each.name}",
        ge=LEAST_STEP,
        le=each.highest,
        allow_inf_nan=False,
        description=f"In which steps `{each.name}` may move in a change that turns the decision.",
    )


@with_each_input("step_", _step)
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
    ] = DEFAULT.background
    level: Annotated[
        float, Field(ge=0.01, le=0.999, allow_inf_nan=False, description="Level of the credible interval.")
    ] = DEFAULT.level
    robust: Annotated[
        bool,
        Field(description="A change must turn the decision also at the end of the interval that speaks against it."),
    ] = DEFAULT.robust

    @model_validator(mode="after")
    def _only_with_explain(self) -> "ExplainOptions":
        if not self.explain:
            for name, field in ExplainOptions.model_fields.items():
                if getattr(self, name) != field.default:  # Swagger UI sends every default
                    raise InvalidOptions(f"{field.alias or name} needs explain=true.")
        highest = tuple(float(each.highest) for each in INPUTS)
        try:
            Lattice(self._steps, highest, (1.0,) * len(INPUTS), tuple(each.may_fall for each in INPUTS))
        except ValueError as error:
            raise InvalidOptions(f"step.…: {error}.") from None
        return self

    @cached_property
    def question(self) -> Question | None:
        """What is asked; None where nothing is to be explained."""
        return Question(self._steps, self.background, self.level, self.robust) if self.explain else None

    @property
    def take_long(self) -> bool:
        """One explanation takes .6 ms by way of columns, robust ones up to 40."""
        return self.explain

    @property
    def at_hand(self) -> bool:
        """Whether one employee's takes no longer than some scores: mostly from a table that is made once, in 3 ms."""
        return not self.robust and self._steps == DEFAULT.steps

    @property
    def _steps(self) -> tuple[float, ...]:
        return tuple(getattr(self, f"step_{each.name}") for each in INPUTS)

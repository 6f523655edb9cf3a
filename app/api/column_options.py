"""The names of somebody else's CSV columns."""

from functools import cached_property
from typing import Annotated

from pydantic import Field

from app.api.options import Options


def _column(field: str) -> object:
    return Field(
        alias=f"column.{field}",
        min_length=1,
        max_length=200,
        description=f"CSV only: the name of the column that holds `{field}`. Default: `{field}`.",
    )


class ColumnOptions(Options):
    """`column.…`: which column of a CSV body holds which field. Errors then name the column as the file does."""

    column_employee_id: Annotated[str | None, _column("employee_id")] = None
    column_years_of_experience: Annotated[str | None, _column("years_of_experience")] = None
    column_performance_score: Annotated[str | None, _column("performance_score")] = None
    column_promoted: Annotated[str | None, _column("promoted")] = None

    @cached_property
    def column_names(self) -> dict[str, str]:
        """The file's name of each field that has one of its own."""
        named = {field: getattr(self, f"column_{field}") for field in _FIELDS}
        return {field: name for field, name in named.items() if name is not None}


_FIELDS = ("employee_id", "years_of_experience", "performance_score", "promoted")

"""The names of somebody else's CSV columns."""

from functools import cached_property, lru_cache
from typing import Annotated

from pydantic import Field

from app.api.http.options import Options, with_each_input


def _column(field: str) -> object:
    return Field(
        alias=f"column.{field}",
        min_length=1,
        max_length=200,
        description=f"CSV only: the name of the column that holds `{field}`. Default: `{field}`.",
    )


@with_each_input("column_", lambda each: (Annotated[str | None, _column(each.name)], None))
class ColumnNames(Options):
    """`column.…`: which column of a CSV body holds which field. Errors then name the column as the file does."""

    @cached_property
    def column_names(self) -> dict[str, str]:
        """The file's name of each field that has one of its own."""
        named = {name.removeprefix("column_"): getattr(self, name) for name in _of_columns(type(self))}
        return {field: name for field, name in named.items() if name is not None}


class ColumnOptions(ColumnNames):
    """The columns of employees and of past decisions."""

    column_employee_id: Annotated[str | None, _column("employee_id")] = None
    column_promoted: Annotated[str | None, _column("promoted")] = None


class AuditColumns(ColumnNames):
    """The columns of decisions to audit."""

    column_sex: Annotated[str | None, _column("sex")] = None
    column_race_ethnicity: Annotated[str | None, _column("race_ethnicity")] = None
    column_pool: Annotated[str | None, _column("pool")] = None
    column_selected: Annotated[str | None, _column("selected")] = None
    column_score: Annotated[str | None, _column("score")] = None
    column_count: Annotated[str | None, _column("count")] = None


@lru_cache
def _of_columns(kind: type[Options]) -> list[str]:
    return [name for name in kind.model_fields if name.startswith("column_")]

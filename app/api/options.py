"""Options: query parameters, the same for JSON and CSV. A misspelt or repeated one is refused, never ignored."""

from collections.abc import Collection
from functools import lru_cache
from typing import Any, TypeVar
from urllib.parse import parse_qsl

from pydantic import BaseModel, ConfigDict, ValidationError
from starlette.types import Scope

from app.errors import InvalidOptions


class Options(BaseModel):
    """The options of one endpoint, a field each."""

    model_config = ConfigDict(frozen=True, extra="forbid")


Kind = TypeVar("Kind", bound=Options)
_defaults = lru_cache(lambda kind: kind())


def read_options(scope: Scope, kind: type[Kind]) -> Kind:
    """The options of a request. Raises InvalidOptions."""
    if not scope["query_string"]:
        defaults: Kind = _defaults(kind)
        return defaults
    names = [field.alias or name for name, field in kind.model_fields.items()]
    try:
        return kind.model_validate(named_once(scope, names))
    except ValidationError as error:
        faults = error.errors(include_url=False, include_context=False, include_input=False)
        raise InvalidOptions("; ".join(f"{fault['loc'][0]}: {fault['msg']}" for fault in faults) + ".") from None


def named_once(scope: Scope, names: Collection[str]) -> dict[str, Any]:
    """The query parameters of a request. Raises InvalidOptions when one is unknown or given twice."""
    given = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)
    options: dict[str, Any] = {}
    for name, value in given:
        if name not in names:
            known = f"the options here are {', '.join(names)}" if names else "this endpoint has none"
            raise InvalidOptions(f"{name[:100]} is not an option: {known}.")
        if name in options:
            raise InvalidOptions(f"{name} is given more than once.")
        options[name] = value
    return options

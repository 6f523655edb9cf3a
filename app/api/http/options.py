"""Options: query parameters, the same for JSON and CSV. A misspelt or repeated one is refused, never ignored. And the
request headers that an endpoint heeds, and the parameters in its path.
"""

from collections.abc import Callable, Collection, Mapping
from functools import lru_cache
from typing import Any, TypeVar
from urllib.parse import parse_qsl

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError, create_model
from starlette.types import Scope

from app.errors import InvalidOptions, NotFound
from app.inputs import INPUTS, Input


class Options(BaseModel):
    """The options of one endpoint, a field each."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    @property
    def column_names(self) -> Mapping[str, str]:
        """The file's name of each field that has one of its own, where the body may be CSV."""
        return {}

    @property
    def take_long(self) -> bool:
        """Whether they make even a small body one that others must not wait for."""
        return False


Kind = TypeVar("Kind", bound=Options)


def with_each_input(prefix: str, field: Callable[[Input], tuple[Any, Any]]) -> Callable[[type[Kind]], type[Kind]]:
    """Decorates options: adds one for each input, named `prefix` and the input. `field` gives its type and default."""

    def add(kind: type[Kind]) -> type[Kind]:
        fields: dict[str, Any] = {prefix + each.name: field(each) for each in INPUTS}
        return create_model(kind.__name__, __base__=kind, __doc__=kind.__doc__, __module__=kind.__module__, **fields)

    return add


class Headers(BaseModel):
    """The request headers of one endpoint, a field each; underscores stand for hyphens."""

    model_config = ConfigDict(frozen=True)


HeadersKind = TypeVar("HeadersKind", bound=Headers)
_defaults = lru_cache(lambda kind: kind())
_adapter = lru_cache(TypeAdapter)


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


def read_headers(scope: Scope, kind: type[HeadersKind]) -> HeadersKind:
    """The headers of a request; one that is given several times is a list. Raises InvalidOptions."""
    given: dict[str, str] = {}
    known = kind.model_fields
    for raw_name, raw_value in scope["headers"]:
        name = raw_name.decode("latin-1").replace("-", "_")
        if name in known:
            value = raw_value.decode("latin-1")
            given[name] = f"{given[name]}, {value}" if name in given else value
    try:
        return kind.model_validate(given)
    except ValidationError as error:
        faults = error.errors(include_url=False, include_context=False, include_input=False)
        named = (f"{str(fault['loc'][0]).replace('_', '-')}: {fault['msg']}" for fault in faults)
        raise InvalidOptions("; ".join(named) + ".") from None


def read_path(scope: Scope, kinds: Mapping[str, Any]) -> list[Any]:
    """The parameters of these names and types in a request's path. Raises NotFound."""
    try:
        return [_adapter(kind).validate_strings(scope["path_params"][name]) for name, kind in kinds.items()]
    except ValidationError:
        raise NotFound("There is nothing at this path.") from None


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

"""A JSON body, read from its bytes: checked, or refused with every fault at its pointer."""

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import lru_cache
from heapq import merge
from typing import Any, get_args, get_origin, get_type_hints

from pydantic import TypeAdapter, ValidationError
from pydantic_core import ErrorDetails, from_json

from app.errors import ERRORS_LISTED, InvalidRecords, JsonFault

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


@lru_cache
def adapter(kind: Any) -> TypeAdapter[Any]:
    """Pydantic's validator of a type, made once."""
    return TypeAdapter(kind)


def whole(number: Any) -> Any:
    """JSON has one kind of number, and JSON Schema counts 2.0 as an integer."""
    return int(number) if isinstance(number, float) and number.is_integer() else number


def read_object(kind: Any, body: bytes) -> Any:
    """The body as `kind`, a typed dictionary. Raises InvalidRecords."""
    body = body.removeprefix(_BYTE_ORDER_MARK)
    try:
        value = adapter(kind).validate_json(body)
    except ValidationError as error:
        raise InvalidRecords(*_faults(body, kind, error)) from None  # the cause holds the values
    if _may_repeat_a_key(body, kind, value):
        repeated = _repeated_keys(body, kind)
        if repeated:
            raise InvalidRecords(repeated)
    return value


def _faults(body: bytes, kind: Any, error: ValidationError) -> tuple[list[JsonFault], int]:
    """The first faults in the order of the body, and the count of all."""
    if not body.strip():
        return [JsonFault("", "The body is empty")], 1
    if error.errors()[0]["type"] == "json_invalid":
        return [JsonFault("", error.errors()[0]["msg"])], 1
    faults: list[JsonFault] = []
    count = 0
    every = (_repeated_keys(body, kind), _wrong_values(from_json(body), kind))
    for fault in merge(*every, key=lambda fault: _position(fault.pointer)):
        count += 1
        if len(faults) < ERRORS_LISTED:
            faults.append(fault)
    return faults, count


def _wrong_values(value: Any, kind: Any) -> Iterator[JsonFault]:
    """Every place where the parsed body is not as `kind` says; records one at a time."""
    name, record_kind = _list_of(kind)
    records = value.get(name) if isinstance(value, dict) else None
    if name is None or not isinstance(records, list):
        yield from _wrong_places(value, kind, "")
        return
    yield from _wrong_places(value | {name: []}, kind, "")
    for i, record in enumerate(records):
        yield from _wrong_places(record, record_kind, f"/{name}/{i}")


def _wrong_places(value: Any, kind: Any, place: str) -> list[JsonFault]:
    try:
        adapter(kind).validate_python(value)
    except ValidationError as error:
        details = error.errors(include_url=False, include_context=False, include_input=False)
        return [JsonFault(place + _pointer(detail["loc"]), _message(detail)) for detail in details]
    return []


def _message(detail: ErrorDetails) -> str:
    if detail["type"] == "extra_forbidden":
        return "There is no such field"
    if detail["type"] == "dict_type":
        return "Input should be an object"
    return detail["msg"]


def _pointer(location: tuple[int | str, ...]) -> str:
    """RFC 6901: a slash before each step, ~ as ~0 and / as ~1."""
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in location)


def _position(pointer: str) -> int:
    """The number of the record that a pointer leads into; the body's own faults come first."""
    steps = pointer.split("/")
    return int(steps[2]) if len(steps) > 2 and steps[2].isdigit() else -1


class _Repeating(dict[str, Any]):
    """An object in which keys were given more than once."""

    repeated: Sequence[str] = ()


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len(distinct := dict(pairs)) == len(pairs):
        return distinct
    repeating = _Repeating(distinct)
    repeating.repeated = [key for key, times in Counter(key for key, _ in pairs).items() if times > 1]
    return repeating


@lru_cache
def _list_of(kind: Any) -> tuple[str | None, Any]:
    """The key of a body under which its records are, and their type. PUT /model has none."""
    lists = ((name, get_args(hint)) for name, hint in get_type_hints(kind).items() if get_origin(hint) is list)
    return next(((name, record) for name, (record,) in lists), (None, None))


@lru_cache
def _quoted_names(kind: Any) -> list[bytes]:
    """All keys of a body and of its records, as they stand in it."""
    _, record = _list_of(kind)
    names = {*get_type_hints(kind), *(get_type_hints(record) if record else ())}
    return [f'"{name}"'.encode() for name in names]


def _may_repeat_a_key(body: bytes, kind: Any, value: dict[str, Any]) -> bool:
    """False only when no key can stand twice: then its name would be in the body more often than in the value.

    The parser keeps the last of two equal keys silently. Names hidden behind escapes are looked at closely, and so is
    a body in which an id reads like a field's name; both are rare, and counting is a hundred times faster.
    """
    if b"\\" in body:
        return True
    name, _ = _list_of(kind)
    keys = len(value) + (sum(map(len, value[name])) if name else 0)
    return sum([body.count(quoted) for quoted in _quoted_names(kind)]) != keys


def _repeated_keys(body: bytes, kind: Any) -> list[JsonFault]:
    """The repeated keys of the body and of its records, exactly, by the standard library's slower parser."""
    top = json.loads(body, object_pairs_hook=_object, parse_int=float)  # int refuses more than 4,300 digits
    places = [("", top)]
    name, _ = _list_of(kind)
    if name and isinstance(top, dict) and isinstance(records := top.get(name), list):
        places += ((f"/{name}/{i}", record) for i, record in enumerate(records) if type(record) is _Repeating)
    return [
        JsonFault(place + _pointer((key,)), "The key is given more than once")
        for place, value in places
        for key in getattr(value, "repeated", ())
    ]

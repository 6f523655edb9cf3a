"""What a field of an explanation is, and the fields that are a number, a truth, or a record of such.

A field says one thing of a score, in three forms: in JSON, in columns of a CSV file, in tensors of the Open Inference
Protocol. table.py lists them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Any, Literal

import msgspec
import numpy as np
from msgspec import Struct
from numpy.typing import NDArray
from pydantic import GetCoreSchemaHandler
from pydantic_core import CoreSchema
from typing_extensions import TypedDict

from app.api.explanations.text_columns import Piece, truths
from app.insight.explainer import Explained, Explanations
from app.network.parameters import Array

encode = msgspec.json.Encoder().encode
Of = Callable[[Any], Any]
"""From Explained to a value, and from Explanations to a column of such values, or to the one that all of them have."""


class Record(Struct, gc=False):
    """A JSON object. msgspec writes it; the contract declares it as `<name>Document`, and says its docstring."""

    @classmethod
    def __get_pydantic_core_schema__(cls, _: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """What the contract declares."""
        fields = {field.name: field.type for field in msgspec.structs.fields(cls)}
        document = TypedDict(f"{cls.__name__}Document", fields)  # type: ignore[misc] # of a name that is not literal
        document.__doc__ = cls.__doc__
        return handler(document)


@dataclass(frozen=True)
class Tensor:
    """An output of the Open Inference Protocol: values (n,), or (n, d) where it has one for each input."""

    name: str
    datatype: Literal["FP64", "BOOL"]
    values: Callable[[Explanations], NDArray[Any]]
    each_input: bool = False


@dataclass(frozen=True)
class Field:
    """One thing that an explanation says.

    name     its key in JSON
    type     as the contract declares it
    one      its value of one employee, as msgspec writes it
    many     its JSON text of many
    columns  the CSV columns, empty where it has none
    cells    what stands in each of them
    tensors  its outputs of the Open Inference Protocol
    """

    name: str
    type: Any
    one: Callable[[Explained], Any]
    many: Callable[[Explanations], Iterable[Piece]]
    columns: tuple[str, ...] = ()
    cells: Callable[[Explanations], Sequence[Iterable[Piece]]] = lambda _: []
    tensors: tuple[Tensor, ...] = ()


def constant(name: str, kind: Any, of: Of) -> Field:
    """What is the same for all employees, in JSON alone."""
    return Field(name, kind, of, lambda given: [encode(of(given))])


def number(name: str, of: Of | None = None) -> Field:
    """A number, in JSON, as a column and as a tensor. `of` gets it; else it is the attribute of that name."""
    get = of or attrgetter(name)

    def text(given: Explanations) -> list[Piece]:
        value = get(given)
        return [value if isinstance(value, np.ndarray) else encode(value)]

    def tensor(given: Explanations) -> Array:
        return np.ascontiguousarray(np.broadcast_to(get(given), len(given.inputs)))

    return Field(name, float, get, text, (name,), lambda given: [text(given)], (Tensor(name, "FP64", tensor),))


def truth(name: str, of: Of) -> Field:
    """Whether something holds, in JSON, as a column and as a tensor."""

    def text(given: Explanations) -> list[Piece]:
        return [truths(of(given))]

    return Field(name, bool, of, text, (name,), lambda given: [text(given)], (Tensor(name, "BOOL", of),))


def record(name: str, sentence: str, members: Sequence[Field]) -> Field:
    """Fields in one object; in CSV `name.member`, as tensors `name_member`."""
    kind, of_one = record_kind(name.capitalize(), sentence, members), [member.one for member in members]
    return Field(
        name,
        kind,
        lambda given: kind(*[one(given) for one in of_one]),
        lambda given: record_text(members, given),
        tuple(f"{name}.{column}" for member in members for column in member.columns),
        lambda given: [cell for member in members for cell in member.cells(given)],
        tuple(
            Tensor(f"{name}_{tensor.name}", tensor.datatype, tensor.values, tensor.each_input)
            for member in members
            for tensor in member.tensors
        ),
    )


def record_kind(name: str, sentence: str, members: Iterable[Field]) -> type[Record]:
    """The record of these members."""
    fields = [(member.name, member.type) for member in members]
    kind: type[Any] = msgspec.defstruct(name, fields, bases=(Record,), namespace={"__doc__": sentence}, gc=False)
    return kind


def record_text(members: Iterable[Field], given: Explanations) -> Iterator[Piece]:
    """The JSON object of these members."""
    before = b"{"
    for member in members:
        yield before + encode(member.name) + b":"
        yield from member.many(given)
        before = b","
    yield b"}"

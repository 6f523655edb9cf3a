"""What an endpoint can take from a body: a kind, which says how the body is declared and how it is read."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar, Self


class Body:
    """What the contract declares.

    body      the JSON object, a typed dictionary
    declared  how the contract says it, where that is not by `body`
    example   such an object, which works as it stands
    """

    body: ClassVar[Any]
    declared: ClassVar[Any] = None
    example: ClassVar[dict[str, Any]]


class JsonBody(Body, ABC):
    """A kind that is read from JSON. json_careful.py checks by its `body`."""

    @classmethod
    def fast_json(cls, _data: bytes) -> Self | None:
        """What a fast reader makes of a good body. None leaves the body to json_careful.py."""
        return None

    @classmethod
    @abstractmethod
    def from_body(cls, body: Any) -> Self:
        """From a checked JSON object. Raises InvalidRecords."""


class Table(JsonBody):
    """A kind of records that is read from JSON or CSV."""

    @classmethod
    @abstractmethod
    def from_csv(cls, names: Mapping[str, str], data: bytes) -> Self:
        """From a CSV body. `names` gives the file's name of a field where it differs. Raises InvalidRecords."""

"""Which reader reads a body. This is the one place that chooses.

JSON and CSV have two readers each. The fast one knows only bodies that are plain and entirely good. It reads them up to
ten times as fast, and says None to every other body, never why. The careful one knows every body and names every fault.
On the bodies that the fast one reads, both give the same (tests/api/bodies/).

CSV here: a header row, commas, quotes as in RFC 4180, UTF-8 with or without a byte order mark, LF or CRLF.
"""

from collections.abc import Mapping, Sequence
from typing import TypeVar

from app.api.bodies import csv_careful, csv_fast
from app.api.bodies.csv_cells import CsvCells
from app.api.bodies.json_careful import read_object
from app.api.bodies.kinds import JsonBody
from app.network.parameters import Array

Kind = TypeVar("Kind", bound=JsonBody)

_ID = "employee_id"


def read_json(kind: type[Kind], data: bytes) -> Kind:
    """A JSON body. Raises InvalidRecords."""
    fast = kind.fast_json(data)
    return kind.from_body(read_object(kind.body, data)) if fast is None else fast


def read_columns(data: bytes, fields: Sequence[str], names: Mapping[str, str]) -> tuple[CsvCells, Array]:
    """The ids (empty cells where there is no such column) and the columns (n, len(fields)) of a CSV body.

    `names` gives the file's name of a field where it differs. Raises InvalidRecords.
    """
    named = {field: names.get(field, field) for field in fields}
    id_name, needs_id = names.get(_ID, _ID), _ID in names
    fast = csv_fast.read_plain(data, named, id_name, needs_id)
    return csv_careful.read_rows(data, named, id_name, needs_id) if fast is None else fast

"""A CSV body: a header row, commas, quotes as in RFC 4180, UTF-8 with or without a byte order mark, LF or CRLF.

Two readers: csv_fast.py knows only good files that need no quotes and is ten times as fast; csv_careful.py knows every
file and names every fault. On the files that the first one reads, both give the same
(tests/api/bodies/test_csv_readers.py).
"""

from collections.abc import Mapping, Sequence

from app.api.bodies.csv_careful import read_rows
from app.api.bodies.csv_cells import CsvCells
from app.api.bodies.csv_fast import read_plain
from app.network.parameters import Array

_ID = "employee_id"


def read_csv(body: bytes, fields: Sequence[str], names: Mapping[str, str]) -> tuple[CsvCells, Array]:
    """The ids (empty cells where there is no such column) and the columns (n, len(fields)) of a body.

    `names` gives the file's name of a field where it differs. Raises InvalidRecords.
    """
    named = {field: names.get(field, field) for field in fields}
    id_name = names.get(_ID, _ID)
    return read_plain(body, named, id_name, _ID in names) or read_rows(body, named, id_name, _ID in names)

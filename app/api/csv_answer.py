"""Scores as CSV: employee_id,probability,promote.

orjson writes the numbers, 20 ns each, with the fewest digits that give the same number again, exactly as in an answer
in JSON. A row is then three pieces of bytes that exist already, and NumPy lays the pieces of a block of rows one after
another. A row in an f-string costs six times as much.
"""

import numpy as np
import orjson
from numpy.typing import NDArray

from app.api.bodies.csv_cells import CsvCells, pieces
from app.network.parameters import Array

_BLOCK_ROWS = 8192
_COMMA = ord(",")
_YES, _NO = b",true\n", b",false\n"
_HEADER = b"employee_id,probability,promote\n"
_LONGEST_REST = len(",2.2250738585072014e-308,false\n")


def write_csv(ids: CsvCells, probabilities: Array, promote: NDArray[np.bool_]) -> memoryview:
    """The rows, in order, under a header. Memory is asked for as if every number were of the longest, and only what is
    written is really taken.
    """
    answer = np.empty(len(_HEADER) + int(ids.lengths.sum()) + len(ids) * _LONGEST_REST, np.uint8)
    end = len(_HEADER)
    answer[:end] = np.frombuffer(_HEADER, np.uint8)
    for begin in range(0, len(ids), _BLOCK_ROWS):
        rows = slice(begin, begin + _BLOCK_ROWS)
        id_starts, id_lengths = ids.starts[rows], ids.lengths[rows]
        first, last = int(id_starts[0]), int(id_starts[-1] + id_lengths[-1])
        numbers = b"," + orjson.dumps(probabilities[rows], option=orjson.OPT_SERIALIZE_NUMPY)[1:-1]
        commas = np.flatnonzero(np.frombuffer(numbers, np.uint8) == _COMMA)
        source = np.frombuffer(b"".join([ids.source[first:last], numbers, _YES, _NO]), np.uint8)
        at_numbers = last - first
        at_yes = at_numbers + len(numbers)
        yes = promote[rows]
        starts = [id_starts - first, commas + at_numbers, np.where(yes, at_yes, at_yes + len(_YES))]
        lengths = [id_lengths, np.diff(commas, append=len(numbers)), np.where(yes, len(_YES), len(_NO))]
        block = pieces(source, np.column_stack(starts).ravel(), np.column_stack(lengths).ravel())
        answer[end : end + len(block)] = block
        end += len(block)
    return answer[:end].data

"""Tensors of the Open Inference Protocol to arrays: JSON numbers, or bytes of Triton's binary tensor data extension.

Binary tensors are little-endian, row-major and without gaps, and stand behind the JSON object in the order in which it
names them.
"""

from itertools import chain
from math import prod
from typing import Any

import numpy as np
import numpy.typing as npt

from app.api.open_inference.documents import DTYPES, JOINT, RequestInput
from app.errors import InvalidTensors
from app.inputs import HIGHEST, NAMES
from app.network.parameters import Array

_COLUMNS = {JOINT: NAMES} | {name: (name,) for name in NAMES}


def read_inputs(tensors: list[RequestInput], behind: memoryview) -> Array:
    """The inputs (n, d) in the order of app/inputs.py, checked; `behind` is what follows the JSON object. Raises
    InvalidTensors.
    """
    names = [tensor["name"] for tensor in tensors]
    if len(set(names)) < len(names):
        raise InvalidTensors("An input is given more than once.")
    if names != [JOINT] and set(names) != set(NAMES):
        raise InvalidTensors(f"The inputs should be {JOINT}, or {' and '.join(NAMES)}.")
    columns: dict[str, Array] = {}
    taken = 0
    for tensor in tensors:
        rows = _rows(tensor)
        size = tensor.get("parameters", {}).get("binary_data_size")
        if (size is None) == (tensor.get("data") is None):
            raise InvalidTensors(f"{tensor['name']} should have either data or the parameter binary_data_size.")
        if size is None:
            values = _from_json(tensor, rows)
        else:
            values = _from_bytes(tensor, behind[taken : taken + size], size)
            taken += size
        columns[tensor["name"]] = _checked(tensor["name"], values.reshape(rows, _width(tensor)))
    if taken != len(behind):
        raise InvalidTensors("The bytes behind the JSON object are not as many as the inputs' binary_data_size say.")
    return _joined(columns)


def _joined(columns: dict[str, Array]) -> Array:
    """The inputs (n, d) of one tensor (n, d), or of d tensors (n, 1)."""
    if JOINT in columns:
        return columns[JOINT]
    ordered = [columns[name] for name in NAMES]
    if len(set(map(len, ordered))) > 1:
        raise InvalidTensors(f"{' and '.join(NAMES)} should have the same number of rows.")
    return np.vstack([column.T for column in ordered]).T


def _rows(tensor: RequestInput) -> int:
    """How many employees a tensor has, by its shape."""
    name, shape = tensor["name"], tensor["shape"]
    width = _width(tensor)
    if shape[1:] != [width] and (width > 1 or len(shape) > 1):
        raise InvalidTensors(f"The shape of {name} should be {f'[n, {width}]' if width > 1 else '[n] or [n, 1]'}.")
    return shape[0]


def _width(tensor: RequestInput) -> int:
    """How many numbers an employee has in a tensor."""
    return len(_COLUMNS[tensor["name"]])


def _from_json(tensor: RequestInput, rows: int) -> npt.NDArray[Any]:
    """The numbers (rows, width) of `data`, flat or nested there, rounded as the datatype rounds them."""
    name, data, datatype = tensor["name"], tensor["data"] or [], tensor["datatype"]
    if data and type(data[0]) is list:
        if len(tensor["shape"]) == 1 or not all(type(row) is list and len(row) == _width(tensor) for row in data):
            raise InvalidTensors(f"The lists in the data of {name} are not as its shape says.")
        data = list(chain.from_iterable(data))
    if len(data) != prod(tensor["shape"]):
        raise InvalidTensors(f"The data of {name} has {len(data)} numbers; its shape says {prod(tensor['shape'])}.")
    if not set(map(type, data)) <= {int, float}:
        place = next(i for i, value in enumerate(data) if type(value) not in (int, float))
        raise InvalidTensors(f"The data of {name} should be numbers; in row {place * rows // len(data)} one is not.")
    values = np.array(data, dtype=np.float64)
    if datatype.startswith("INT") and not np.all(values == np.trunc(values)):
        raise InvalidTensors(f"The data of {name} should be whole numbers, or its datatype FP64 or FP32.")
    return _checked(name, values.reshape(rows, _width(tensor))).astype(DTYPES[datatype])


def _from_bytes(tensor: RequestInput, data: memoryview, size: int) -> npt.NDArray[Any]:
    """The numbers of a tensor's bytes, flat and without a copy."""
    dtype = np.dtype(DTYPES[tensor["datatype"]])
    wanted = prod(tensor["shape"]) * dtype.itemsize
    if not size == wanted == len(data):
        raise InvalidTensors(
            f"{tensor['name']} should have {wanted} bytes behind the JSON object, as its shape and datatype say; "
            f"binary_data_size says {size}, and {len(data)} are there."
        )
    return np.frombuffer(data, dtype)


def _checked(name: str, values: npt.NDArray[Any]) -> Array:
    """The values (n, columns of the tensor) as float64, every one within the bounds of its column.

    Each column lies together in memory: to check and to score them is a third faster so.
    """
    columns = values.T.astype(np.float64, order="C")
    for field, column in zip(_COLUMNS[name], columns, strict=True):
        if column.min(initial=0) < 0 or not column.max(initial=0) <= HIGHEST[field]:  # NaN is the greatest
            good = (column >= 0) & (column <= HIGHEST[field])
            place = f"{name}, row {np.argmin(good)}" + (f", {field}" if field != name else "")
            raise InvalidTensors(f"{place}: should be a number from 0 to {HIGHEST[field]}.")
    return columns.T

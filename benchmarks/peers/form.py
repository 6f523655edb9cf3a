"""The forms in which the same employees are sent, and where their probabilities stand in the answer."""

import json
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Rows = list[tuple[float, int]]
"""Years to a tenth and a whole score of each employee, as HR systems have them."""


@dataclass(frozen=True)
class Form:
    """What is sent where, and what is read from the answer."""

    path: str
    body: Callable[[Rows], Any]
    probabilities: Callable[[Any], list[float]]

    def ask(self, address: str, rows: Rows) -> npt.NDArray[np.float64]:
        """The probabilities (n,) that the server at this address answers."""
        request = urllib.request.Request(
            address + self.path, json.dumps(self.body(rows)).encode(), {"Content-Type": "application/json"}
        )
        with urllib.request.urlopen(request, timeout=60) as response:
            return np.array(self.probabilities(json.load(response)))


def _records(rows: Rows) -> Any:
    """Without ids, which no tensor has."""
    return {"employees": [{"years_of_experience": years, "performance_score": score} for years, score in rows]}


def _tensor(output: str) -> Callable[[Rows], Any]:
    def body(rows: Rows) -> Any:
        data = [number for row in rows for number in row]
        tensor = {"name": "employees", "shape": [len(rows), 2], "datatype": "FP64", "data": data}
        return {"inputs": [tensor], "outputs": [{"name": output}]}

    return body


_INFER = "/v2/models/promotion/infer"
OURS = Form("/predict", _records, lambda answer: [one["probability"] for one in answer["predictions"]])
OURS_V2 = Form(_INFER, _tensor("probability"), lambda answer: answer["outputs"][0]["data"])
RECORDS = Form("/predict", _records, lambda answer: answer["probabilities"])
MLSERVER = Form(_INFER, _tensor("predict_proba"), lambda answer: answer["outputs"][0]["data"][1::2])  # of both classes
ARRAY = Form("/predict", lambda rows: {"employees": rows}, lambda answer: answer)
ARRAY_NAMED = Form("/predict", lambda rows: {"employees": rows}, lambda answer: answer["probabilities"])

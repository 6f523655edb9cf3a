"""The outputs of the Open Inference Protocol: the score, and on demand what an explanation says, as tensors."""

from collections.abc import Collection

import numpy as np
import numpy.typing as npt

from app.api.explanations.explaining import explainer_of
from app.api.explanations.table import tensor_fields
from app.inputs import INPUTS
from app.insight.question import Question
from app.network.forward import logit, probability, score
from app.network.parameters import Array
from app.registry.model_version import ModelVersion

SCORE = {"probability": "FP64", "promote": "BOOL"}
"""What comes when no output is named."""

_EXPLANATION = {tensor.name: tensor for field in tensor_fields() for tensor in field.tensors}
DATATYPES = SCORE | {name: tensor.datatype for name, tensor in _EXPLANATION.items()}
"""Every output, in the order of the metadata."""

WIDE = [name for name, tensor in _EXPLANATION.items() if tensor.each_input]
"""Those with a number for each input: shape [n, d] instead of [n]."""

SHAPES = {name: [-1, len(INPUTS)] if name in WIDE else [-1] for name in DATATYPES}
"""Their shapes; −1 stands for any number of employees."""


def outputs(
    model: ModelVersion, question: Question, inputs: Array, names: Collection[str]
) -> dict[str, npt.NDArray[np.generic]]:
    """The outputs of these names for inputs (n, d), and those of the score, row by row; where no change is found, the
    nearest one is where they stand.
    """
    wanted = [_EXPLANATION[name] for name in names if name not in SCORE]
    if not wanted:
        return _score(model, score(model.parameters, inputs))
    z = logit(model.parameters, inputs)
    probabilities = probability(z)
    explanations = explainer_of(model, question).explain(inputs, z, probabilities)
    return _score(model, probabilities) | {tensor.name: tensor.values(explanations) for tensor in wanted}


def _score(model: ModelVersion, probabilities: Array) -> dict[str, npt.NDArray[np.generic]]:
    return {"probability": probabilities, "promote": probabilities >= model.threshold}

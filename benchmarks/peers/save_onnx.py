"""Write the service's network as an ONNX graph in doubles: `save_onnx.py MODEL.json PATH`, in a peer's environment."""

import json
import sys
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper


def graph(weights: dict) -> onnx.ModelProto:
    """The graph from employees (n, 2) to probabilities (n,)."""
    constants = {
        "hidden": np.array(weights["hidden"]),  # (inputs, units)
        "hidden_bias": np.array(weights["hidden_bias"]),
        "output": np.array(weights["output"]),  # (units,): the product with it has one axis
        "output_bias": np.array(weights["output_bias"]),
    }
    nodes = [
        helper.make_node("MatMul", ["employees", "hidden"], ["sum"]),
        helper.make_node("Add", ["sum", "hidden_bias"], ["z"]),
        helper.make_node("Sigmoid", ["z"], ["a"]),
        helper.make_node("MatMul", ["a", "output"], ["output_sum"]),
        helper.make_node("Add", ["output_sum", "output_bias"], ["logit"]),
        helper.make_node("Sigmoid", ["logit"], ["probabilities"]),
    ]
    network = helper.make_graph(
        nodes,
        "promotion",
        [helper.make_tensor_value_info("employees", TensorProto.DOUBLE, ["n", len(weights["hidden"])])],
        [helper.make_tensor_value_info("probabilities", TensorProto.DOUBLE, ["n"])],
        [numpy_helper.from_array(value, name) for name, value in constants.items()],
    )
    return helper.make_model(network, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)


if __name__ == "__main__":
    _, model, path = sys.argv
    onnx.save(graph(json.loads(Path(model).read_text())["network"]["weights"]), path)

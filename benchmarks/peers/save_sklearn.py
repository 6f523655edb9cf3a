"""Write the service's network as scikit-learn's own: `save_sklearn.py MODEL.json PATH`, in a peer's environment.

An MLPClassifier cannot be made from weights. So it takes one step on two made-up rows, which gives it all the
attributes that fitting sets, and then gets the service's weights, which apply to raw years and scores and need no
scaler before them.
"""

import json
import sys
from pathlib import Path

import joblib
import numpy as np
from sklearn.neural_network import MLPClassifier


def network(weights: dict) -> MLPClassifier:
    """The same function of the same inputs."""
    hidden = np.array(weights["hidden"])  # (inputs, units), as in coefs_
    classifier = MLPClassifier(hidden.shape[1:], activation="logistic")
    classifier.partial_fit(np.zeros((2, len(hidden))), [False, True], classes=[False, True])
    classifier.coefs_ = [hidden, np.array(weights["output"])[:, None]]
    classifier.intercepts_ = [np.array(weights["hidden_bias"]), np.array([weights["output_bias"]])]
    return classifier


if __name__ == "__main__":
    _, model, path = sys.argv
    joblib.dump(network(json.loads(Path(model).read_text())["network"]["weights"]), path)

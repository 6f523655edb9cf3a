"""The network behind LitServe: rows in, the probability of each out.

One process takes requests, one worker computes, with the fast queue between them. LitServe's batches of requests
are left out: they are for models that compute many as fast as one, and here both loads were slower with them.
"""

import sys

import joblib
import litserve as ls
import numpy as np


class Promotion(ls.LitAPI):
    """POST /predict."""

    def setup(self, device):  # noqa: ARG002 - LitServe's own signature
        """Load the network, once a worker."""
        self.network = joblib.load("model.joblib")

    def decode_request(self, request):
        """Years and score of each employee (n, 2)."""
        return np.array(request["employees"], dtype=float)

    def predict(self, x):
        """The probability of each."""
        return self.network.predict_proba(x)[:, 1]

    def encode_response(self, output):
        """As JSON."""
        return {"probabilities": output.tolist()}


if __name__ == "__main__":
    server = ls.LitServer(Promotion(), accelerator="cpu", fast_queue=True)
    server.run(host="127.0.0.1", port=int(sys.argv[1]), num_api_servers=1, generate_client_file=False, access_log=False)

"""What the model learned: `monotonicity` of inputs, `uniqueness` of the answer (`two_networks`), and the `summary`."""

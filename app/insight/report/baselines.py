"""What a network must beat to be worth having: the base rate, each input alone, and one neuron, the simplest first.

Each is made by the same procedure on the same folds, at the minimum of its own (convex) objective with the network's
alpha. One neuron is logistic regression.
"""

from __future__ import annotations

from collections.abc import Sequence

from app.insight.report.cross_validation import Procedure
from app.network.options import FitOptions

BASE_RATE, SINGLE_NEURON = "base_rate", "single_neuron"


def baselines(options: FitOptions, input_names: Sequence[str]) -> list[Procedure]:
    """Those that are simpler than the network of these options."""
    neuron, everything = FitOptions(network="single_neuron", alpha=options.alpha), range(len(input_names))
    found = [Procedure(BASE_RATE, (), None)]
    if len(input_names) > 1:
        found += [Procedure(f"{name}_alone", (i,), neuron) for i, name in enumerate(input_names)]
    if options.network != "single_neuron":
        found.append(Procedure(SINGLE_NEURON, everything, neuron))
    return found

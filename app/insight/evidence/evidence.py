"""What a model version keeps beside its weights, so that each of its scores can be explained.

Nothing in it tells who anybody was: at most 256 points of inputs a background, without ids and decisions, and sums over
all the rows.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from app.insight.evidence.background import Background, just_above_threshold, training_background
from app.insight.evidence.familiarity import Familiarity, familiarity
from app.insight.evidence.interval import Posterior, posterior
from app.network.parameters import Array, Parameters
from app.network.standardise import Scale
from app.network.training_set import TrainingSet

BackgroundName = Literal["training", "just_above_threshold"]


@dataclass(frozen=True, eq=False)
class Evidence:
    """How uncertain the weights are, what the model has seen, and whom a score is compared with; nobody is just above
    the threshold of a model that promotes nobody.
    """

    posterior: Posterior
    familiarity: Familiarity
    training: Background
    just_above_threshold: Background | None

    def background(self, name: BackgroundName) -> Background | None:
        """The background of that name."""
        return self.training if name == "training" else self.just_above_threshold


def collect(training_set: TrainingSet, parameters: Parameters, threshold: float) -> Evidence:
    """What is kept of a training on that training set, which ended at these parameters."""
    inputs, counts = training_set.inputs.T, training_set.objective.rows.counts
    training = training_background(inputs, counts)
    return Evidence(
        posterior(parameters, training_set),
        familiarity(inputs, counts, training_set.scale, training),
        training,
        just_above_threshold(parameters, threshold, inputs, counts),
    )


def tensors(evidence: Evidence) -> dict[str, Array]:
    """All of it as named arrays."""
    known, above = evidence.familiarity, evidence.just_above_threshold
    named = {
        "mean": evidence.posterior.scale.mean,
        "deviation": evidence.posterior.scale.deviation,
        "root": evidence.posterior.root,
        "ranges": known.ranges,
        "whitening": known.whitening,
        "farthest": np.array(known.farthest),
        "rows": np.array(float(known.rows)),
        "training_points": evidence.training.points,
        "training_weights": evidence.training.weights,
    }
    if above is not None:
        named |= {"just_above_threshold_points": above.points, "just_above_threshold_weights": above.weights}
    return named


def from_tensors(named: dict[str, Array]) -> Evidence:
    """The inverse of `tensors`, bit for bit."""
    scale = Scale(named["mean"], named["deviation"])
    training = Background(named["training_points"], named["training_weights"])
    above = None
    if "just_above_threshold_points" in named:
        above = Background(named["just_above_threshold_points"], named["just_above_threshold_weights"])
    known = Familiarity(
        ranges=named["ranges"],
        scale=scale,
        whitening=named["whitening"],
        farthest=float(named["farthest"]),
        points=training.points,
        weights=training.weights,
        rows=int(named["rows"]),
    )
    return Evidence(Posterior(scale, named["root"]), known, training, above)

"""Two networks beside each other on the same rows: do they agree as functions, and is one as good as the other?

Units may change places and signs without a change of the function, so functions are compared and not weights. Two agree
when no more than one row in a hundred gets probabilities that differ by more than APART.

The data cannot tell two apart when their n·J̄ differ by no more than the noise of the difference, 1.96 standard errors
of the sum over the rows (Q. H. Vuong, "Likelihood ratio tests for model selection and non-nested hypotheses",
Econometrica 57, 1989):

    n·(J̄ₛ − J̄) ≤ 1.96·√Σᵣ(δᵣ − δ̄)²,        δᵣ the difference of both losses at row r
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from app.network.forward_many import log_and_sigmoid, logits
from app.network.objective import Objective
from app.network.parameters import Array, Mask

APART = 0.05
_FEW_ROWS = 0.01
_STANDARD_ERRORS = 1.96


@dataclass(frozen=True, eq=False)
class Agreement:
    """Of S networks beside one.

    largest  (S,) the greatest difference of ŷ at a row
    differ   (S,) the share of the rows where it is more than APART
    behind   (S,) n·(J̄ₛ − J̄), in nats
    noise    (S,) what of that may be noise, in nats
    """

    largest: Array
    differ: Array
    behind: Array
    noise: Array

    @property
    def agree(self) -> Mask:
        """Which are the same function."""
        return self.differ <= _FEW_ROWS

    @property
    def as_good(self) -> Mask:
        """Which the data cannot tell from the one, or prefer."""
        return self.behind <= self.noise


def agreement_with(objective: Objective, one: Array, theta: Array) -> Agreement:
    """θ (S, P) beside the θ (P,) of one."""
    layout, rows, own = objective.layout, objective.rows, one[None]
    z, own_z = logits(layout, theta, rows.X), logits(layout, own, rows.X)
    (log, p), (own_log, own_p) = log_and_sigmoid(z), log_and_sigmoid(own_z)
    # The loss of one who was promoted is ln(1 + e⁻ᶻ), of one who was not ln(1 + eᶻ).
    promoted = log - np.minimum(z, 0.0) - (own_log - np.minimum(own_z, 0.0))
    passed_over = log + np.maximum(z, 0.0) - (own_log + np.maximum(own_z, 0.0))
    others = rows.counts - rows.promoted
    loss = promoted @ rows.promoted + passed_over @ others
    variance = promoted**2 @ rows.promoted + passed_over**2 @ others - loss**2 / objective.n
    penalty = 0.5 * objective.alpha * ((theta**2 - own**2) @ layout.penalised())
    difference = np.abs(p - own_p)
    return Agreement(
        difference.max(axis=1),
        (difference > APART) @ rows.counts / objective.n,
        loss + penalty,
        _STANDARD_ERRORS * np.sqrt(np.maximum(variance, 0.0)),
    )

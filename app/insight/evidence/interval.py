"""How sure a score is: the Laplace approximation of the weights' posterior, carried to each logit.

n·J̄(θ) = Σ loss + alpha/2·Σ weights² is the negative logarithm of a posterior: Bernoulli decisions, a Gaussian prior of
variance 1/alpha on each weight, a flat one on each bias. Around its minimum θ̂ it is taken as Gaussian:

    θ ~ N(θ̂, H⁻¹),   H = Σᵣ ŷᵣ(1 − ŷᵣ)·∇z∇zᵀ + prior                 the full Gauss-Newton matrix
    z(x) ~ N(ẑ, s²),  s² = ∇z(x)ᵀ H⁻¹ ∇z(x)                           z linear in θ around θ̂
    interval          σ(ẑ − q·s) to σ(ẑ + q·s),   q = Φ⁻¹((1 + level)/2)

Sources: MacKay, "A practical Bayesian framework for backpropagation networks", Neural Computation 4 (1992); Bishop,
"Pattern Recognition and Machine Learning" (2006), 4.5 (logistic regression) and 5.7 (networks; 5.7.3 the linear z).

It is about the probability that the network would have with endless data, not about one person's luck; it knows one
optimum, not others beside it; and it takes the network's shape for true. benchmarks/coverage.py counts what that costs.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property, lru_cache
from statistics import NormalDist

import numpy as np

from app.insight.evidence.slopes import slopes
from app.network.forward import probability
from app.network.layout import Layout
from app.network.loss import sums
from app.network.one import probability_one
from app.network.parameters import Array, Parameters
from app.network.rows import blocks
from app.network.standardise import Scale
from app.network.training_set import TrainingSet

_FLAT = 1e-6
"""What "flat" is in numbers: a standard deviation of 1,000 logits, for biases, and for weights when alpha is 0. H would
be singular where the data say nothing: the bias of a unit that no row can move, the slopes of separable data.
"""

_CHUNK = 1 << 15
"""Entries of ∇z at a time: with its product with the root and one term of that 800 kB, which stay in a core's L2 cache.
"""


@dataclass(frozen=True, eq=False)
class Posterior:
    """The Gaussian posterior of a network's P weights, in the form that is published, on standardised inputs.

    scale  of the training's inputs
    root   (P, P) lower triangular, H⁻¹ = root·rootᵀ; the order of the weights is Layout's

    Every sum below is in a fixed order, as in forward.py: an employee alone and in a batch gets the same bits.
    """

    scale: Scale
    root: Array

    def deviation(self, parameters: Parameters, inputs: Array) -> Array:
        """The s of every row, the standard deviation of its logit: inputs (n, d) in raw units -> (n,)."""
        s = np.empty(len(inputs))
        for part in blocks(len(inputs), max(64, _CHUNK // len(self.root))):
            s[part] = self._chunk_deviation(slopes(parameters, inputs[part].T, self.scale))
        return s

    def _chunk_deviation(self, gradient: Array) -> Array:
        """|rootᵀ∇z| of ∇z (P, m) -> (m,)."""
        P = len(gradient)
        v = np.empty_like(gradient)
        v[:] = self.root[-1][:, None]  # the last ∇z, ∂z/∂b, is 1
        room = np.empty_like(gradient)
        for j in reversed(range(P - 1)):
            v[: j + 1] += np.multiply(self.root[j, : j + 1, None], gradient[j], out=room[: j + 1])
        v *= v
        total: Array = v[0]
        for p in range(1, P):
            total += v[p]
        return np.sqrt(total, out=total)

    def deviation_of_one(self, parameters: Parameters, x: list[float]) -> float:
        """The s of one row, inputs (d,) in raw units, equal bit for bit to `deviation`."""
        hidden, output, _ = parameters.as_floats
        mean, deviation, columns = self._as_floats
        standard = [(x[i] - mean[i]) / deviation[i] for i in range(len(mean))]
        gradient = standard[:]
        if hidden:
            terms, gradient = [], []
            for k, (weights, bias) in enumerate(hidden):
                z = x[0] * weights[0]
                for i in range(1, len(weights)):
                    z += x[i] * weights[i]
                a = probability_one(z + bias)
                terms.append(a)
                steep = (1.0 - a) * a * output[k]
                gradient += [steep * value for value in standard]
                gradient.append(steep)
            gradient += terms
        gradient.reverse()
        total = 0.0
        for v, column in columns:
            for entry, slope in zip(column, gradient):  # noqa: B905 - up to the diagonal; naming strict doubles the time
                v += entry * slope  # noqa: PLW2901 - it begins with ∂z/∂b = 1
            total += v * v
        return math.sqrt(total)

    @cached_property
    def _as_floats(self) -> tuple[list[float], list[float], list[tuple[float, list[float]]]]:
        """Mean, deviation, and of each column of the root its last entry and the others, from below to the diagonal."""
        columns = [(float(column[-1]), column[p:-1][::-1].tolist()) for p, column in enumerate(self.root.T)]
        return self.scale.mean.tolist(), self.scale.deviation.tolist(), columns


def posterior(parameters: Parameters, training_set: TrainingSet) -> Posterior:
    """The posterior of a network that was trained on that training set, by one pass over its rows."""
    objective = training_set.objective
    data = sums(objective.layout, objective.layout.theta(parameters, training_set.scale)[None], objective.rows).matrix[
        0
    ]
    return Posterior(training_set.scale, _inverse_root(data + np.diag(_prior(objective.layout, objective.alpha))))


def _prior(layout: Layout, alpha: float) -> Array:
    """The prior's precision of each of the P weights."""
    return np.maximum(alpha * layout.penalised(), _FLAT)


def _inverse_root(H: Array) -> Array:
    """The lower triangular root of H⁻¹ for H (P, P), positive definite but for rounding.

    By the eigenvalues of H with its diagonal scaled to 1, none taken as less than rounding leaves of it: Cholesky's
    factor of H fails there.
    """
    unit = 1.0 / np.sqrt(np.diag(H))
    values, vectors = np.linalg.eigh(unit[:, None] * H * unit)
    floor = len(H) * np.finfo(float).eps * values[-1]
    root = unit[:, None] * vectors / np.sqrt(np.maximum(values, floor))
    return np.ascontiguousarray(np.linalg.qr(root.T).R.T)  # rootᵀ = QR, so that H⁻¹ = root·rootᵀ = RᵀR


@lru_cache(maxsize=64)
def quantile(level: float) -> float:
    """q, how many standard deviations of the logit an interval of that level (0 < level < 1) reaches to each side."""
    return NormalDist().inv_cdf(0.5 * (1.0 + level))


def interval(z: Array, p: Array, deviation: Array, level: float) -> tuple[Array, Array]:
    """Low and high probability (n,), low ≤ p ≤ high, of rows with logits z (n,), p = σ(z), and the deviations of z."""
    reach = quantile(level) * deviation  # the exponential may be off by its last bit, the order of the three may not
    return np.minimum(probability(z - reach), p), np.maximum(probability(z + reach), p)


def interval_of_one(z: float, p: float, deviation: float, level: float) -> tuple[float, float]:
    """The same of one row, equal bit for bit."""
    reach = quantile(level) * deviation
    return min(probability_one(z - reach), p), max(probability_one(z + reach), p)

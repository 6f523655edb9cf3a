"""Whether the inputs tell anything about the decisions: a permutation test of the whole network.

The decisions are shuffled among the rows many times, which destroys whatever they had to do with the inputs. If the
real ones let the network gain no more over the base rate than shuffled ones do, nothing was there to learn:

    p = (1 + shuffles that gain at least as much as the real decisions) / (1 + shuffles)

is then exact at any number of rows and shuffles (Phipson and Smyth, "Permutation p-values should never be zero",
Stat. Appl. Genet. Mol. Biol. 9, 2010), whatever the gain is measured by, as long as it is measured alike for both.

What it is measured by. Without a signal a hidden layer is not identified: every one is as good as any other. For that
case Andrews and Ploberger ("Optimal tests when a nuisance parameter is present only under the alternative",
Econometrica 62, 1994) average over it, which with many rows has the most power on average. Their Exp-LM with c → ∞ is

    gain = ln of the mean over l of exp(Tₗ),    Tₗ = ½·uᵀV⁻¹u
    u = Σᵣ (yᵣ − ȳ)·fₗ(xᵣ)                      V = ȳ(1 − ȳ)·Σᵣ (fₗ − f̄ₗ)(fₗ − f̄ₗ)ᵀ + alpha

fₗ is the l-th of a number of hidden layers, drawn as the starts of a training are; Tₗ is by how much the first Newton
step of its output layer lowers n·J̄ from the base rate, in nats (half the score statistic). The single neuron has one
"layer", the inputs themselves. V depends on the decisions by ȳ alone, which no shuffle changes, so that all shuffles
go through in one product of matrices. Rows, cells and layers are chosen without a look at the decisions; otherwise the
real ones would be treated unlike the shuffled ones.
"""

from __future__ import annotations

from collections.abc import Generator

import numpy as np

from app.network.forward_many import activations
from app.network.objective import Objective
from app.network.parameters import Array
from app.network.rows import Rows
from app.network.solvers.cells import coarsen
from app.network.solvers.coarse_levels import MOST_INPUTS
from app.network.solvers.starts import hidden_layers

PERMUTATIONS = 999

_UNITS = 1024
"""Hidden units of all layers together: 512 layers of two."""

_MOST_ROWS, _CELLS, _SAMPLE = 1024, 576, 2048
"""Distinct rows beyond which they are gathered in cells, 24 along each of two inputs, or sampled where inputs are many.
"""

_TOGETHER = 111
"""Shuffles between two pauses."""

_SEED = 0
"""Fixed, not an option: whoever may choose the seed can draw until he likes the p."""

_LEAST_ALPHA = 1e-2
"""Two layers that are alike on the rows would make V singular; alpha, a precision, is taken as no less."""

_ROUNDING = 1e-9
"""Gains that differ by no more than this are equal: the same shuffle may be summed in another order."""

_SHUFFLED_ROWS = 4096
"""So few rows are shuffled one by one; of more it is drawn how many promoted fall into each cell, which is the same."""


def p_value(objective: Objective) -> Generator[float, None, float]:
    """The p-value of decisions that have nothing to do with the inputs; yields the share done."""
    rng = np.random.default_rng(_SEED)
    objective = objective.on(gathered(objective.rows, rng))
    rows = objective.rows
    base = whitened(objective, rng)
    share = rows.promoted.sum() / rows.counts.sum()
    real = gains(base, (rows.promoted - share * rows.counts)[None])[0]
    at_least = 0
    for first in range(0, PERMUTATIONS, _TOGETHER):
        yield first / PERMUTATIONS
        drawn = shuffles(rows, min(_TOGETHER, PERMUTATIONS - first), rng)
        at_least += int((gains(base, drawn - share * rows.counts) >= real - _ROUNDING * (1.0 + real)).sum())
    return (1 + at_least) / (1 + PERMUTATIONS)


def gathered(rows: Rows, rng: np.random.Generator) -> Rows:
    """The rows, or where they are many some that stand for them, chosen without a look at the decisions."""
    if len(rows) <= _MOST_ROWS:
        return rows
    if len(rows.X) - 1 <= MOST_INPUTS:
        return coarsen(rows, _CELLS, blind=True)
    return rows.part(np.sort(rng.choice(len(rows), min(_SAMPLE, len(rows)), replace=False)))


def whitened(objective: Objective, rng: np.random.Generator) -> Array:
    """C⁻¹(fₗ − f̄ₗ) with CCᵀ = V for every layer l: (layers, units, m), so that Tₗ = ½·|Σᵣ (yᵣ − ȳ)·C⁻¹(fₗ − f̄ₗ)|²."""
    layout, rows = objective.layout, objective.rows
    if layout.h:
        layers = max(1, _UNITS // layout.h)
        theta = np.zeros((layers, layout.size))
        theta[:, : layout.hidden_size] = hidden_layers(layout, rows.X, layers, rng).reshape(layers, -1)
        f = activations(layout, theta, rows.X)
    else:
        f = rows.X[None, :-1].copy()
    n = rows.counts.sum()
    share = rows.promoted.sum() / n
    f -= (f @ rows.counts / n)[:, :, None]
    V = share * (1.0 - share) * ((f * rows.counts) @ f.transpose(0, 2, 1))
    V += max(objective.alpha, _LEAST_ALPHA) * np.eye(f.shape[1])
    whitened: Array = np.linalg.inv(np.linalg.cholesky(V)) @ f
    return whitened


def gains(base: Array, residual: Array) -> Array:
    """The gain, ln of the mean of exp(Tₗ), in nats, of residuals s − c·ȳ (B, m) of B sets of decisions -> (B,)."""
    layers, units, m = base.shape
    u = (base.reshape(layers * units, m) @ residual.T).reshape(layers, units, len(residual))
    T = 0.5 * (u**2).sum(axis=1)
    most = T.max(axis=0)
    gain: Array = most + np.log(np.exp(T - most).mean(axis=0))
    return gain


def shuffles(rows: Rows, count: int, rng: np.random.Generator) -> Array:
    """How many are promoted in each row (of counts c) when the decisions are shuffled: (count, m)."""
    counts, promoted = rows.counts.astype(np.int64), int(rows.promoted.sum())
    n = int(counts.sum())
    if n > _SHUFFLED_ROWS:
        drawn = rng.multivariate_hypergeometric(counts, promoted, size=count, method="marginals")
    else:
        decisions = np.zeros((count, n), dtype=np.int64)
        decisions[:, :promoted] = 1
        drawn = np.add.reduceat(rng.permuted(decisions, axis=1), np.cumsum(counts) - counts, axis=1)
    return drawn.astype(np.float64)

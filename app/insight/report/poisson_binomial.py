"""How far a number of successes strays from its expectation, on average, when each trial has its own probability.

S = Σ yᵢ with yᵢ ~ Bernoulli(pᵢ) is Poisson-binomial: mean μ = Σ pᵢ, variance s² = Σ pᵢ(1 − pᵢ).
"""

from __future__ import annotations

import math

import numpy as np

from app.network.parameters import Array
from app.network.rows import blocks

_NORMAL = 16.0
"""From this variance on, S is taken as normal: at 16 the mean deviation is then at most 1 % off."""

_VALUES = 64
"""Below it S stays within 8 standard deviations of the mean among so many values, to 1e-14."""


def mean_absolute_deviation(p: Array) -> float:
    """E|S − μ| for probabilities p (m,).

    s² ≥ 16: s·√(2/π). Otherwise from the distribution itself, which is the Fourier transform of the characteristic
    function Π (1 − pᵢ + pᵢe^{iω}) at 64 frequencies (Y. Hong, Computational Statistics & Data Analysis 59 (2013) 41).
    """
    mean, variance = float(p.sum()), float((p * (1.0 - p)).sum())
    if variance >= _NORMAL:
        return math.sqrt(2.0 * variance / math.pi)
    turns = np.exp(2j * np.pi * np.arange(_VALUES // 2 + 1) / _VALUES) - 1.0
    characteristic = np.ones(len(turns), dtype=complex)
    for part in blocks(len(p), 4096):
        characteristic *= np.prod(1.0 + p[part, None] * turns, axis=0)
    chance = np.fft.irfft(np.conj(characteristic), _VALUES)  # of S modulo 64
    near = np.arange(_VALUES) + math.floor(mean) - _VALUES // 2
    return float(np.abs(near - mean) @ chance[near % _VALUES])

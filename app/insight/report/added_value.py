"""What a network adds over simpler models, in numbers and in plain words."""

from __future__ import annotations

from collections.abc import Mapping

from app.insight.report.baselines import BASE_RATE, SINGLE_NEURON
from app.insight.report.estimates import Estimate, mean
from app.network.parameters import Array

_WORDS = {BASE_RATE: "the base rate", SINGLE_NEURON: "a single neuron", "two_layer": "the two-layer network"}

_UNDECIDED = 1e-5
"""A difference in nats that trainings leave open: they end within a share of 1e-9 of their minimum, their logits within
its root. Where two models are one function (constant inputs), rounding would else be found beyond its own noise.
"""


def difference(losses: Array, theirs: Array) -> Estimate:
    """By how much a simpler model's log loss exceeds the network's, from both their losses of the same rows (n,).

    The interval is that of the mean of paired differences: what makes a row hard for both models is not in it.
    """
    return mean(theirs - losses)


def simplest_as_good(network: str, losses: Mapping[str, Array]) -> str:
    """The simplest model, the network among them, that the network does not beat beyond noise.

    losses (n,) of the same rows by each model, in order of simplicity; of the inputs alone, which are as simple as
    each other, the one with the least loss comes first.
    """
    inputs = [name for name in losses if name not in _WORDS]
    inputs.sort(key=lambda name: float(losses[name].mean()))
    for name in (BASE_RATE, *inputs, SINGLE_NEURON):
        if name in losses and name != network and not _above(difference(losses[network], losses[name])):
            return name
    return network


def statement(network: str, losses: Mapping[str, Array]) -> str:
    """What the network adds over the simplest model that does as well, and whether that exceeds its noise."""
    simplest = simplest_as_good(network, losses)
    as_good = simplest != network
    best = min((name for name in losses if name != network), key=lambda name: float(losses[name].mean()))
    other = simplest if as_good else best
    ours, theirs = (float(losses[name].mean()) for name in (network, other))
    apart = difference(losses[network], losses[other])
    measured = (
        f"Mean log loss out of fold is {ours:.4f} for {_words(network)} and {theirs:.4f} for {_words(other)}: "
        f"{_number(apart['value'])} more (95 % interval {_number(apart['low'])} to {_number(apart['high'])})."
    )
    if not as_good:
        return f"{measured} That exceeds its noise, and no simpler model does as well."
    if _below(apart):
        return f"{measured} The simpler model is better, by more than noise: the network adds nothing."
    return f"{measured} That is within its noise: the network adds nothing that these rows can show."


def _above(apart: Estimate) -> bool:
    """Whether a difference is above 0 beyond its noise."""
    low = apart["low"]
    return isinstance(low, float) and low > _UNDECIDED


def _below(apart: Estimate) -> bool:
    """Whether it is below."""
    high = apart["high"]
    return isinstance(high, float) and high < -_UNDECIDED


def _number(value: float | str | None) -> str:
    return "?" if value is None else f"{value:.4f}"


def _words(name: str) -> str:
    return _WORDS.get(name, name.replace("_", " "))

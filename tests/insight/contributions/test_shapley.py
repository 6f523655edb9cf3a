"""Contributions: shap's exact explainer, the definition over all orders, and Shapley's axioms."""

from __future__ import annotations

import math
import tracemalloc
from collections.abc import Callable
from itertools import permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.insight.contributions import shapley
from app.insight.contributions.shapley import MOST_INPUTS, Contributions, ShapleyValues, TooManyInputs
from app.insight.evidence.background import Background
from app.network.forward import logit, probability
from app.network.one import logit_one, score_one
from app.network.parameters import Array, Parameters

Function = Callable[[Array], Array]


def network(d: int, h: int, seed: int = 0) -> Parameters:
    """Weights as trainings give them for years and scores; h = 0 is the single neuron."""
    rng = np.random.default_rng(seed)
    if not h:
        return Parameters(None, None, rng.normal(size=d) / 10, float(rng.normal()))
    return Parameters(rng.normal(size=(d, h)) / 5, rng.normal(size=h) * 3, rng.normal(size=h) * 4, float(rng.normal()))


def people(n: int, d: int = 2, seed: int = 0) -> Array:
    """Years, scores, and what else there may be."""
    return np.random.default_rng([seed, n, d]).uniform(0, [40, 100, 10, 1, 5, 50, 3, 80, 7, 20][:d], (n, d))


def background(m: int, d: int = 2, seed: int = 1) -> Background:
    """Points of whole weights, so that shap, which knows no weights, can have them repeated."""
    weights = np.random.default_rng([seed, m]).integers(1, 4, m).astype(float)
    return Background(people(m, d, seed), weights / weights.sum())


def contributions(parameters: Parameters, over: Background, inputs: Array) -> Contributions:
    """Contributions to the scores of inputs (n, d)."""
    return ShapleyValues(parameters, over)(*asked(parameters, inputs))


def asked(parameters: Parameters, inputs: Array) -> tuple[Array, Array, Array]:
    """Inputs (n, d), their logits and their probabilities."""
    z = logit(parameters, inputs)
    return inputs, z, probability(z)


def asked_of_one(parameters: Parameters, x: list[float]) -> tuple[list[float], float, float]:
    """The same of one employee."""
    return x, logit_one(parameters, x), score_one(parameters, x)


def by_orders(f: Function, x: Array, over: Background) -> Array:
    """φ (d,) as the mean, over all d! orders in which inputs become known, of what each changes."""

    def v(known: tuple[int, ...]) -> float:
        mixed = over.points.copy()
        mixed[:, list(known)] = x[list(known)]
        return math.fsum(over.weights * f(mixed))

    phi, orders = np.zeros(len(x)), list(permutations(range(len(x))))
    for order in orders:
        for place, i in enumerate(order):
            phi[i] += v(order[: place + 1]) - v(order[:place])
    return phi / len(orders)


def functions(parameters: Parameters) -> tuple[Function, Function]:
    """The logit and the probability."""
    return lambda X: logit(parameters, X), lambda X: probability(logit(parameters, X))


def test_a_single_neuron_by_hand() -> None:
    # E b = (¼·0 + ¾·4, ¼·8 + ¾·0) = (3, 2);  φ = (2·(5 − 3), −1·(1 − 2));  base = 2·3 − 2 + ½
    over = Background(np.array([[0.0, 8.0], [4.0, 0.0]]), np.array([0.25, 0.75]))
    found = contributions(Parameters(None, None, np.array([2.0, -1.0]), 0.5), over, np.array([[5.0, 1.0]]))
    assert found.base_logit == pytest.approx(4.5, abs=1e-14)
    np.testing.assert_allclose(found.logit, [[4.0, 1.0]], atol=1e-14)


def test_two_layers_by_hand() -> None:
    # z = 4a₁ − 6a₂ + ½,  a₁ = σ(ln 3·(x₁ − 1)),  a₂ = σ(ln 2·(x₂ − 1));  σ(ln q) = q/(1 + q)
    # background (1, 1) alone: a = (1/2, 1/2), z = −1/2.  x = (2, 0): a₁ = 3/4, a₂ = 1/3.
    # No unit sees both inputs, so φ₁ = 4(3/4 − 1/2) = 1 and φ₂ = −6(1/3 − 1/2) = 1.
    ln2, ln3 = math.log(2), math.log(3)
    parameters = Parameters(np.array([[ln3, 0.0], [0.0, ln2]]), np.array([-ln3, -ln2]), np.array([4.0, -6.0]), 0.5)
    values = ShapleyValues(parameters, Background(np.array([[1.0, 1.0]]), np.array([1.0])))
    found = values.of_one(*asked_of_one(parameters, [2.0, 0.0]))
    assert found.base_logit == pytest.approx(-0.5, abs=1e-14)
    assert found.base_probability == pytest.approx(1 / (1 + math.exp(0.5)), abs=1e-15)
    assert found.logit == pytest.approx([1.0, 1.0], abs=1e-14)
    # z: −½ -> ½ -> 1½ in either order, so each gets half of σ(1½) − σ(−½).
    half = 0.5 * (1 / (1 + math.exp(-1.5)) - 1 / (1 + math.exp(0.5)))
    assert found.probability == pytest.approx([half, half], abs=1e-15)


@pytest.mark.long
@pytest.mark.parametrize(("d", "h"), [(1, 2), (2, 0), (2, 2), (2, 5), (3, 0), (3, 2), (4, 0), (4, 2), (5, 3)])
def test_shap_finds_the_same(d: int, h: int) -> None:
    import shap  # noqa: PLC0415 - only the extra `long` brings it

    parameters, over, inputs = network(d, h), background(40, d), people(6, d, seed=2)
    repeats = np.rint(over.weights / over.weights.min()).astype(int)
    assert repeats.max() > 1
    masker = shap.maskers.Independent(np.repeat(over.points, repeats, axis=0), max_samples=1000)
    found = contributions(parameters, over, inputs)
    ours = ((found.base_logit, found.logit), (found.base_probability, found.probability))
    for f, (base, phi) in zip(functions(parameters), ours, strict=True):
        theirs = shap.explainers.Exact(f, masker)(inputs)
        np.testing.assert_allclose(phi, theirs.values, rtol=0, atol=1e-9)
        np.testing.assert_allclose(base, theirs.base_values, rtol=0, atol=1e-9)


@pytest.mark.parametrize("d", [1, 2, 3, 4, 5])
@pytest.mark.parametrize("h", [0, 2])
def test_the_definition_over_all_orders(d: int, h: int) -> None:
    parameters, over, inputs = network(d, h, seed=d), background(17, d), people(3, d, seed=4)
    found = contributions(parameters, over, inputs)
    for f, phi in zip(functions(parameters), (found.logit, found.probability), strict=True):
        np.testing.assert_allclose(phi, [by_orders(f, x, over) for x in inputs], rtol=0, atol=1e-12)


weights = st.floats(-3.0, 3.0)
employee = st.tuples(st.floats(0.0, 80.0), st.floats(0.0, 100.0))


@given(
    st.lists(weights, min_size=9, max_size=9),
    st.sampled_from([0.1, 1.0, 100.0]),
    st.lists(st.tuples(employee, st.integers(1, 1000)), min_size=1, max_size=40),
    st.lists(employee, min_size=1, max_size=5),
)
def test_base_and_contributions_are_the_score(
    w: list[float],
    scale: float,
    points: list[tuple[tuple[float, float], int]],
    inputs: list[tuple[float, float]],
) -> None:
    theta = np.array(w) * scale
    parameters = Parameters(theta[:4].reshape(2, 2), theta[4:6], theta[6:8], float(theta[8]))
    counts = np.array([count for _, count in points], dtype=float)
    over, X = Background(np.array([p for p, _ in points]), counts / counts.sum()), np.array(inputs)
    for network in (parameters, Parameters(None, None, theta[:2], float(theta[2]))):
        found, z = contributions(network, over, X), logit(network, X)
        assert np.all(np.isfinite(found.logit))
        np.testing.assert_allclose(found.base_logit + found.logit.sum(axis=1), z, rtol=1e-13, atol=1e-9)
        np.testing.assert_allclose(
            found.base_probability + found.probability.sum(axis=1), probability(z), rtol=0, atol=1e-12
        )


@given(st.lists(weights, min_size=10, max_size=10), st.lists(employee, min_size=2, max_size=9))
def test_an_input_that_the_network_ignores_contributes_nothing(w: list[float], rows: list[tuple[float, float]]) -> None:
    hidden = np.array([w[:2], [0.0, 0.0], w[2:4]])
    parameters = Parameters(hidden, np.array(w[4:6]), np.array(w[6:8]), w[8])
    X = np.column_stack([np.array(rows), np.arange(len(rows))])
    found = contributions(parameters, Background(X[1:], np.full(len(X) - 1, 1 / (len(X) - 1))), X)
    np.testing.assert_allclose(found.logit[:, 1], 0.0, atol=1e-13)
    np.testing.assert_allclose(found.probability[:, 1], 0.0, atol=1e-14)


@given(st.lists(weights, min_size=7, max_size=7), st.lists(employee, min_size=2, max_size=9))
def test_inputs_that_play_the_same_part_contribute_the_same(w: list[float], rows: list[tuple[float, float]]) -> None:
    parameters = Parameters(np.array([w[:2], w[:2]]), np.array(w[2:4]), np.array(w[4:6]), w[6])
    both = np.concatenate([rows, np.array(rows)[:, ::-1]])  # neither input's background is another one's
    values = ShapleyValues(parameters, Background(both, np.full(len(both), 1 / len(both))))
    found, mirrored, even = (
        values(*asked(parameters, X)) for X in (both, both[:, ::-1], np.array([[x, x] for x, _ in rows]))
    )
    np.testing.assert_allclose(found.logit, mirrored.logit[:, ::-1], atol=1e-12)
    np.testing.assert_allclose(found.probability, mirrored.probability[:, ::-1], atol=1e-13)
    np.testing.assert_allclose(even.logit[:, 0], even.logit[:, 1], atol=1e-12)


@pytest.mark.parametrize("d", [1, 2, 3, MOST_INPUTS])
def test_a_single_neuron_is_linear(d: int) -> None:
    parameters, over, inputs = network(d, 0), background(30, d), people(4, d)
    expected = parameters.output * (inputs - over.weights @ over.points)  # wᵢ(xᵢ − E bᵢ)
    np.testing.assert_allclose(contributions(parameters, over, inputs).logit, expected, atol=1e-12)


def test_logits_add_up_over_networks() -> None:
    one, other, over, inputs = network(2, 2), network(2, 3, seed=1), background(30), people(5)
    assert one.hidden is not None and one.hidden_bias is not None  # noqa: PT018
    assert other.hidden is not None and other.hidden_bias is not None  # noqa: PT018
    both = Parameters(
        np.hstack([one.hidden, other.hidden]),
        np.concatenate([one.hidden_bias, other.hidden_bias]),
        np.concatenate([one.output, other.output]),
        one.output_bias + other.output_bias,
    )
    apart = [contributions(network, over, inputs).logit for network in (one, other)]
    np.testing.assert_allclose(contributions(both, over, inputs).logit, sum(apart), atol=1e-12)


@pytest.mark.parametrize("m", [1, 7, 255, 256])
@pytest.mark.parametrize(("d", "h"), [(1, 2), (2, 0), (2, 2), (2, 3), (3, 2)])
def test_an_employee_alone_gets_the_bits_of_a_batch(d: int, h: int, m: int) -> None:
    inputs = np.concatenate([people(150, d), np.round(people(150, d))])
    parameters = network(d, h)
    values = ShapleyValues(parameters, background(m, d))
    together = values(*asked(parameters, inputs))
    for _ in ("looked for", "kept"):
        alone = [values.of_one(*asked_of_one(parameters, x)) for x in inputs.tolist()]
        assert np.array([one.logit for one in alone]).tobytes() == together.logit.tobytes()
        assert np.array([one.probability for one in alone]).tobytes() == together.probability.tobytes()
    assert {(one.base_logit, one.base_probability) for one in alone} == {
        (together.base_logit, together.base_probability)
    }
    assert all(type(number) is float for number in (alone[0].base_logit, *alone[0].logit, *alone[0].probability))
    for first, size in [(0, 1), (5, 2), (149, 130)]:
        some = inputs[first : first + size]
        found = values(*asked(parameters, some))
        assert found.logit.tobytes() == together.logit[first : first + size].tobytes()


def test_what_is_kept_of_many_employees_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shapley, "_KEPT", 50)
    parameters, inputs = network(2, 2), people(300)
    values = ShapleyValues(parameters, background(20))
    alone = [values.of_one(*asked_of_one(parameters, x)) for x in [*inputs.tolist(), *inputs.tolist()]]
    assert np.array([one.logit for one in alone[300:]]).tobytes() == values(*asked(parameters, inputs)).logit.tobytes()
    assert max(len(kept) for kept in values._kept) <= 50


def test_room_does_not_grow_with_the_rows() -> None:
    parameters, inputs = network(2, 2), people(20_000)
    values = ShapleyValues(parameters, background(256))
    _, z, p = asked(parameters, inputs)
    values(inputs[:10], z[:10], p[:10])
    tracemalloc.start()
    values(inputs, z, p)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 4_000_000  # all rows against all points would take 164 MB


def test_steep_units_neither_overflow_nor_lose_the_sum() -> None:
    parameters = Parameters(np.array([[1e6, -1e5], [1e3, 1e6]]), np.array([-2e7, 3.0]), np.array([1e4, -5e3]), 7.0)
    inputs, over = people(50), background(256)
    found = contributions(parameters, over, inputs)
    np.testing.assert_allclose(found.base_logit + found.logit.sum(axis=1), logit(parameters, inputs), atol=1e-9)
    for x, phi in zip(inputs[:5], found.logit, strict=False):
        np.testing.assert_allclose(phi, by_orders(functions(parameters)[0], x, over), atol=1e-8)


def test_the_background_itself_contributes_nothing() -> None:
    x = [12.5, 71.0]
    parameters = network(2, 2)
    found = ShapleyValues(parameters, Background(np.array([x]), np.array([1.0]))).of_one(*asked_of_one(parameters, x))
    assert found.logit == pytest.approx([0.0, 0.0], abs=1e-14)
    assert found.probability == pytest.approx([0.0, 0.0], abs=1e-15)


def test_nobody_gets_nothing() -> None:
    found = contributions(network(2, 2), background(20), np.empty((0, 2)))
    assert found.logit.shape == found.probability.shape == (0, 2)


@pytest.mark.parametrize("h", [0, 2])
def test_more_inputs_than_coalitions_can_be_gone_through_for_are_refused(h: int) -> None:
    over = Background(np.zeros((1, 11)), np.ones(1))
    with pytest.raises(TooManyInputs, match="at most 10 inputs, not 11"):
        ShapleyValues(network(11, h), over)

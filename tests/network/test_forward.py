"""Scores: numbers worked out by hand, extremes, and the same bits alone and in a batch."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.network.forward import CHUNK_ROWS, logit, probability, score
from app.network.parameters import Parameters


def two_layer(d: int = 2, h: int = 2, seed: int = 0) -> Parameters:
    rng = np.random.default_rng(seed)
    return Parameters(rng.normal(size=(d, h)), rng.normal(size=h), 3 * rng.normal(size=h), float(rng.normal()))


def test_two_layers_by_hand() -> None:
    # z₁ = 2·ln 3·1 + 0·5 − ln 3 = ln 3 -> a₁ = 3/4;  z₂ = 0·1 + ln 2·5 − 6·ln 2 = −ln 2 -> a₂ = 1/3
    # z = 4·3/4 − 6·1/3 + 0.5 = 1.5
    ln2, ln3 = math.log(2), math.log(3)
    network = Parameters(np.array([[2 * ln3, 0.0], [0.0, ln2]]), np.array([-ln3, -6 * ln2]), np.array([4.0, -6.0]), 0.5)
    z = logit(network, np.array([[1.0, 5.0]]))
    assert z.shape == (1,)
    assert z[0] == pytest.approx(1.5, abs=1e-14)
    assert probability(z)[0] == pytest.approx(0.8175744761936437, rel=1e-15)  # 1/(1 + e^−1.5)


def test_hidden_weight_goes_from_input_i_to_unit_k() -> None:
    hidden = np.array([[0.0, 1.0], [0.0, 0.0]])  # w₁₂: only input 1 reaches only unit 2
    network = Parameters(hidden, np.zeros(2), np.array([10.0, 1.0]), 0.0)
    z = logit(network, np.array([[0.0, 0.0], [2.0, 0.0], [0.0, 2.0]]))
    assert z[0] == pytest.approx(5.5, abs=1e-15)
    assert z[1] == pytest.approx(5 + 1 / (1 + math.exp(-2)), abs=1e-14)
    assert z[2] == z[0]


def test_single_neuron_by_hand() -> None:
    z = logit(Parameters(None, None, np.array([2.0, -1.0]), 0.25), np.array([[3.0, 4.0], [0.0, 1.0]]))
    assert z.tolist() == [2.25, -0.75]


@pytest.mark.parametrize(
    ("z", "expected"),
    [(0.0, 0.5), (-1e308, 0.0), (1e308, 1.0), (-700.0, math.exp(-700)), (40.0, 1.0), (-40.0, math.exp(-40))],
)
def test_probability_keeps_its_digits_and_never_overflows(z: float, expected: float) -> None:
    assert probability(np.array([z]))[0] == pytest.approx(expected, rel=1e-15, abs=1.3e-308)


@given(st.lists(st.floats(-1e308, 1e308), min_size=2, max_size=40))
def test_probability_rises_with_the_logit(logits: list[float]) -> None:
    p = probability(np.sort(np.array(logits)))
    assert np.all(np.diff(p) >= 0)
    assert np.all((p >= 0) & (p <= 1))


@pytest.mark.parametrize(("d", "h"), [(2, 2), (1, 1), (3, 9), (2, 17)])
def test_a_row_alone_gets_the_bits_that_it_gets_in_a_batch(d: int, h: int) -> None:
    rng = np.random.default_rng(h)
    inputs = rng.normal(size=(2 * CHUNK_ROWS + 37, d)) * 5
    for network in (two_layer(d, h), Parameters(None, None, rng.normal(size=d), 0.1)):
        together = probability(logit(network, inputs))
        for first, size in [(0, 1), (1, 1), (CHUNK_ROWS - 1, 1), (2 * CHUNK_ROWS + 36, 1), (5, 2), (3, 7), (9, 64)]:
            some = probability(logit(network, inputs[first : first + size]))
            assert some.tobytes() == together[first : first + size].tobytes()
        columns = np.asfortranarray(inputs)
        assert probability(logit(network, columns)).tobytes() == together.tobytes()
        assert probability(logit(network, inputs[::3])).tobytes() == together[::3].tobytes()


@given(st.lists(st.floats(-1e6, 1e6), min_size=12, max_size=12))
def test_a_single_row_in_python_floats_has_the_bits_of_numpy(numbers: list[float]) -> None:
    values = np.array(numbers)
    scale = np.array([1e-3, 1.0, 1e2])[len(set(numbers)) % 3]
    networks = [
        Parameters(values[:4].reshape(2, 2) * scale, values[4:6], values[6:8], float(values[8])),
        Parameters(None, None, values[6:8] * scale, float(values[8])),
    ]
    inputs = np.stack([values[10:12], values[9:11]])
    for network in networks:
        alone = score(network, inputs[:1])
        assert alone.tobytes() == probability(logit(network, inputs[:1])).tobytes()
        assert alone.tobytes() == score(network, inputs)[:1].tobytes()


def test_no_rows_give_no_scores() -> None:
    assert probability(logit(two_layer(), np.empty((0, 2)))).shape == (0,)


def test_shapes_that_do_not_fit_are_refused() -> None:
    with pytest.raises(ValueError, match="hidden must have shape"):
        Parameters(np.zeros((2, 3)), np.zeros(2), np.zeros(2), 0.0)
    with pytest.raises(ValueError, match="hidden_bias"):
        Parameters(np.zeros((2, 2)), np.zeros(3), np.zeros(2), 0.0)
    with pytest.raises(ValueError, match="together"):
        Parameters(np.zeros((2, 2)), None, np.zeros(2), 0.0)
    with pytest.raises(ValueError, match="one axis"):
        Parameters(None, None, np.zeros((2, 1)), 0.0)
    assert (two_layer().kind, Parameters(None, None, np.zeros(2), 0.0).kind) == ("two_layer", "single_neuron")

"""All that is said of a score and of a model with one, three and four inputs: trained on, and not made by hand."""

from __future__ import annotations

import json
from functools import cache
from typing import NamedTuple

import numpy as np
import pytest

from app.insight.evidence.evidence import Evidence, collect
from app.insight.explainer import Explainer
from app.insight.question import Question
from app.insight.report.report import report_on
from app.network.fit import solve
from app.network.fitted import Fitted
from app.network.forward import logit, probability
from app.network.options import FitOptions
from app.network.parameters import Array
from app.network.progress import result_of
from app.network.training_set import TrainingSet, pose
from tests.insight.runs import ended

NAMES = ("years", "score", "level", "flag")
HIGHEST, STEPS, MAY_FALL = (80.0, 100.0, 10.0, 1.0), (0.5, 1.0, 1.0, 1.0), (False, True, True, True)
OPTIONS = FitOptions(starts=16)


class World(NamedTuple):
    """A training, whole."""

    inputs: Array
    targets: Array
    posed: TrainingSet
    fitted: Fitted
    evidence: Evidence


@cache
def world(d: int) -> World:
    """150 people, of whom the last of d inputs decides more than the others. Level stays between 2 and 6."""
    rng = np.random.default_rng(d)
    columns = (
        rng.uniform(0, 40, 150).round(1),
        rng.uniform(30, 100, 150).round(),
        rng.integers(2, 7, 150),
        rng.integers(0, 2, 150),
    )
    inputs = np.column_stack(columns)[:, :d].astype(float)
    standard = (inputs - inputs.mean(axis=0)) / inputs.std(axis=0)
    targets = (rng.random(150) < probability(standard.sum(axis=1) + standard[:, -1])).astype(float)
    posed = pose(inputs, targets, OPTIONS)
    fitted = result_of(solve(posed, OPTIONS))
    return World(inputs, targets, posed, fitted, collect(posed, fitted.parameters, 0.5))


def explainer(d: int, **chosen: object) -> Explainer:
    question = Question(STEPS[:d], **chosen)  # type: ignore[arg-type]
    parameters, evidence = world(d).fitted.parameters, world(d).evidence
    return Explainer(parameters, 0.5, evidence, question, highest=HIGHEST[:d], may_fall=MAY_FALL[:d])


@pytest.mark.parametrize("d", [1, 3, 4])
@pytest.mark.parametrize("robust", [False, True])
def test_one_employee_is_told_what_many_are_to_the_bit(d: int, robust: bool) -> None:
    parameters, X = world(d).fitted.parameters, world(d).inputs[:20]
    z = logit(parameters, X)
    p = probability(z)
    ours = explainer(d, robust=robust, background="just_above_threshold")
    many = ours.explain(X, z, p)
    assert many.changes.any.any()
    for row, (x, z_one, p_one) in enumerate(zip(X.tolist(), z.tolist(), p.tolist(), strict=True)):
        one = ours.explain_one(x, z_one, p_one)
        for name in ("logit", "probability", "outside"):
            assert getattr(one, name) == getattr(many, name)[row].tolist()
        for name in ("residual", "low", "high", "crosses", "few", "warned", "highest_reachable_probability"):
            assert getattr(one, name) == getattr(many, name)[row]
        numbers = [int(number) for number in many.changes.ranked[:, row] if number >= 0]
        kinds = [many.changes.kinds[number] for number in numbers]
        assert [(c.probability, c.distance) for c in one.changes] == [
            (kind.probability[row], kind.distance[row]) for kind in kinds
        ]
        assert [[i for i, value in enumerate(c.values) if value is not None] for c in one.changes] == [
            list(kind.inputs) for kind in kinds
        ]
        assert abs(one.residual) < 1e-12
        assert one.low <= p_one <= one.high


def test_warnings_of_a_third_input() -> None:
    given, ours = world(3), explainer(3)
    middle = given.inputs.mean(axis=0)
    low, high = given.inputs.min(axis=0), given.inputs.max(axis=0)
    rows = np.array(
        [
            middle,
            [middle[0], middle[1], 7.0],  # a level that nobody had
            [middle[0], middle[1], 1.0],
            [low[0], high[1], high[2]],  # usual values, an unusual combination
            given.inputs[0],
        ]
    )
    z = logit(given.fitted.parameters, rows)
    said = ours.explain(rows, z, probability(z))
    assert high[2] == 6.0
    assert low[2] == 2.0
    centred = given.inputs - middle
    inverse = np.linalg.inv(centred.T @ centred / len(centred))
    far = np.sqrt(np.einsum("ni,ij,nj->n", rows - middle, inverse, rows - middle))
    farthest = np.sqrt(np.einsum("ni,ij,nj->n", centred, inverse, centred).max())
    assert said.outside.tolist() == [
        [False] * 4,
        [False, False, True, False],
        [False, False, True, False],
        [False, False, False, bool(far[3] > farthest)],
        [False] * 4,
    ]
    reach = 0.5 * given.inputs.std(axis=0)
    similar = (np.abs(given.inputs - rows[:, None]) <= reach).all(axis=2).sum(axis=1)
    assert said.few.tolist() == (similar < 10).tolist()
    assert said.crosses.tolist() == ((said.low < 0.5) & (said.high >= 0.5)).tolist()
    assert said.warned.tolist() == (said.crosses | said.few | said.outside.any(axis=1)).tolist()


@pytest.mark.parametrize("d", [1, 3, 4])
def test_the_report_speaks_of_every_input(d: int) -> None:
    given, names = world(d), NAMES[:d]
    told = ended(report_on(given.inputs, given.targets, names, OPTIONS, 0.5, given.posed, given.fitted))
    assert json.loads(json.dumps(told, allow_nan=False)) == told
    assert told["signal"]["verdict"] == "strong"
    assert [one["input"] for one in told["data"]["inputs"]] == list(names)
    assert [one["input"] for one in told["learned"]["monotone"]] == list(names)
    assert told["learned"]["monotone"][-1]["direction"] == "rising"
    assert told["learned"]["parameters"] == 2 * (d + 1) + 3
    alone = [f"{name}_alone" for name in names] if d > 1 else []
    assert [one["name"] for one in told["performance"]["baselines"]] == ["base_rate", *alone, "single_neuron"]
    if d > 1:
        losses = [one["log_loss"]["value"] for one in told["performance"]["baselines"]]
        assert min(losses[1 : d + 1]) == losses[d]  # the last input decides most

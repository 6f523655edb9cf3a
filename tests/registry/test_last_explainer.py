"""Each version keeps the explainer that was asked for last; all versions together keep eight."""

import gc
import pickle
from dataclasses import replace
from weakref import ref

import numpy as np
import pytest

from app.api.explanations.options import DEFAULT
from app.errors import NotExplainable
from app.insight.evidence.evidence import collect, tensors
from app.network.options import FitOptions
from app.network.parameters import Parameters
from app.network.training_set import pose
from app.registry import evidence_file
from app.registry.model_version import ModelVersion

OTHER = replace(DEFAULT, level=0.5)


@pytest.fixture
def version():
    """Versions of one neuron, by their number."""
    rng = np.random.default_rng(3)
    X = np.column_stack([rng.integers(0, 30, 60), rng.integers(20, 95, 60)]).astype(float)
    neuron = Parameters(None, None, np.array([0.1, 0.1]), -8.0)
    evidence = collect(pose(X, (X.sum(axis=1) > 80).astype(float), FitOptions("single_neuron")), neuron, 0.5)
    stored = evidence_file.encode(tensors(evidence))
    return lambda number: ModelVersion(number, "", "", "", 0.5, neuron, b"", {}, stored, None)


def test_a_version_keeps_its_own(version):
    one, two = version(1), version(2)
    first, second = one.explainer(DEFAULT), two.explainer(DEFAULT)
    assert first is not second
    assert one.explainer(replace(DEFAULT)) is first  # an equal question
    assert two.explainer(DEFAULT) is second
    assert one.explainer(OTHER).question.level == 0.5
    assert one.explainer(DEFAULT) is not first  # one place a version
    assert two.explainer(DEFAULT) is second


def test_all_versions_together_keep_eight(version):
    held = [version(number) for number in range(1, 65)]
    made = [ref(one.explainer(DEFAULT)) for one in held]
    gc.collect()
    assert [explainer() is not None for explainer in made] == [False] * 56 + [True] * 8
    assert held[0].explainer(DEFAULT).question == DEFAULT  # made again
    assert held[-1].explainer(DEFAULT) is made[-1]()


def test_another_process_gets_none(version):
    one = version(1)
    kept = one.explainer(DEFAULT)
    again = pickle.loads(pickle.dumps(one))
    assert (again.version, again.evidence_file) == (1, one.evidence_file)
    assert again.explainer(DEFAULT) is not kept


def test_a_version_without_evidence_cannot_be_explained(version):
    with pytest.raises(NotExplainable, match="version 7 is older"):
        replace(version(7), evidence_file=None).explainer(DEFAULT)

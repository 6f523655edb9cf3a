"""Reasons and changes in words. The sentences are pinned: integrators show them to the people they are about."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.api.explanations.changes import change
from app.api.explanations.reasons import MOST, reason, reasons
from app.insight.changes.changes import Change

NAMES = ("years_of_experience", "performance_score")


def test_the_sentences():
    first, second = reasons(NAMES, [-0.0234, 0.2538], "training")
    assert (first.code, first.text) == (
        "performance_score_raised",
        "Performance score raised this score by 25.4 percentage points, compared with the training data.",
    )
    assert (second.code, second.text) == (
        "years_of_experience_lowered",
        "Years of experience lowered this score by 2.3 percentage points, compared with the training data.",
    )
    assert reason("performance_score", False, 0, "just_above_threshold").text == (
        "Performance score lowered this score by less than 0.1 percentage points, compared with those the model "
        "only just promotes."
    )


@given(st.lists(st.floats(-1, 1), min_size=1, max_size=9))
def test_at_most_four_and_none_left_out_that_weighs_more(contributions):
    names = [f"input_{i}" for i in range(len(contributions))]
    given_reasons = reasons(names, contributions, "training")
    weights = {name: abs(c) for name, c in zip(names, contributions, strict=True)}
    listed = [one.code.rsplit("_", 1)[0] for one in given_reasons]
    assert len(listed) == min(MOST, sum(1 for c in contributions if c)) == len(set(listed))
    assert [weights[name] for name in listed] == sorted((weights[name] for name in listed), reverse=True)
    left_out = [weights[name] for name in names if name not in listed]
    assert not left_out or not listed or max(left_out) <= min(weights[name] for name in listed)
    for one, name in zip(given_reasons, listed, strict=True):
        assert one.code == f"{name}_{'raised' if contributions[names.index(name)] > 0 else 'lowered'}"


@pytest.mark.parametrize(
    ("years", "score", "text"),
    [
        (7.6, None, "in 1.5 years"),
        (7.1, None, "in 1 year"),
        (None, 71.0, "with a performance score of 71"),
        (None, 1.0, "with a performance score of 1"),
        (6.4, 82.25, "in 0.3 years and with a performance score of 82.25"),
    ],
)
def test_a_change_is_said_as_time_to_come_and_a_value(years, score, text):
    assert change([6.1, 90.0], Change((years, score), 0.6, 1.0)).text == text


def test_no_sentence_claims_a_cause():
    said = [reason(name, raised, 123, background).text for name in NAMES for raised in (True, False)
            for background in ("training", "just_above_threshold")]  # fmt: skip
    for word in ("because", "cause", "lead", "would", "will", "due to", "if you", "need", "should"):
        assert not any(word in text.lower() for text in said)

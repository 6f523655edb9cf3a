"""What a comparison comes to, and the sentence that says why.

    adverse_indicated   less than four fifths, and more than chance explains
    not_indicated       at least four fifths, and chance explains the difference
    conflicting         one of the two without the other
    insufficient_data   one other decision would turn it round, where the ratio or the small number leaves doubt
    no_selections       nobody was selected anywhere: there is nothing to compare
    not_comparable      one category alone

Two measures, because each errs alone: the ratio where numbers are small, the test where they are large.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, get_args

from app.impact.two_groups import LEVEL, Comparison
from app.p_values import written

FOUR_FIFTHS = 0.8
Verdict = Literal[
    "adverse_indicated", "conflicting", "insufficient_data", "not_indicated", "no_selections", "not_comparable"
]
"""The gravest first."""


def verdict_of(compared: Comparison, p: float) -> Verdict:
    """The verdict on a comparison whose p, adjusted where many were made, is this one.

    The flip alone decides nothing among many people with nearly the same rate: there one decision always turns it.
    """
    if compared.one_person_flips and (compared.ratio < FOUR_FIFTHS or compared.test == "fisher"):
        return "insufficient_data"
    return of_ratio_and_test(compared.ratio, p)


def of_ratio_and_test(ratio: float, p: float) -> Verdict:
    """The verdict of both together. A difference in the category's favour is nothing adverse, however sure."""
    below, significant = ratio < FOUR_FIFTHS, ratio < 1.0 and p < LEVEL
    if below == significant:
        return "adverse_indicated" if below else "not_indicated"
    return "conflicting"


def gravest(verdicts: Iterable[Verdict | None]) -> Verdict | None:
    """The one that a reader must see first; None when there is none."""
    found = set(verdicts)
    return next((verdict for verdict in get_args(Verdict) if verdict in found), None)


def explanation(verdict: Verdict, compared: Comparison, reference: str, p: float, adjusted: bool) -> str:
    """The sentence beside a verdict on a category that was compared with this reference."""
    side = "below" if compared.ratio < FOUR_FIFTHS else "at or above"
    fact = f"The rate is {compared.ratio:.3f} times that of {reference}, {side} four fifths"
    tested = result_of(p, "Fisher's exact test" if compared.test == "fisher" else "two-proportion z test", adjusted)
    if verdict == "insufficient_data":
        return (
            f"{fact}, but had one more been selected here and one fewer there, it would be turned round: "
            "the numbers are too small to tell."
        )
    if verdict == "conflicting":
        return f"{fact}, but {tested}: ratio and test disagree, and a person has to look into it."
    return f"{fact}, and {tested}."


def result_of(p: float, test: str, adjusted: bool) -> str:
    """What a test of this name came to, in words; its p is adjusted where many comparisons were made."""
    chance = "more than chance explains" if p < LEVEL else "no more than chance may explain"
    corrected = ", corrected for the number of comparisons" if adjusted else ""
    return f"the difference is {chance} (p {written(p)}, {test}{corrected})"


NO_SELECTIONS = "Nobody was selected, so that no ratio can be formed."
NOT_COMPARABLE = "There is no other category to compare it with."
REFERENCE = "The highest rate: the others are compared with it."
EMPTY = "There is nobody in this category."
EXCLUDED = "Too small a share of all decisions to be compared, as the caller asked; never the reference."

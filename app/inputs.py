"""The inputs of the network: one table. Bounds, steps, words, schemas, tensors and columns come from it.

A row is all that a new input needs. The order of the rows is the order of the columns in every table, tensor and file.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Input:
    """One input.

    name         the field of a record, the column of a CSV file and the tensor
    description  what it is, a sentence for the contract
    highest      its greatest value, in its own unit; the least is 0
    examples     twenty values, of the employees in the contract's examples
    step         in which steps it moves in a change that turns a decision, unless the caller says otherwise
    may_fall     whether such a change may lower it
    change       how a change of it is said, without quotes and commas: "{by}" stands for the difference, "{to}" for the
                 new value
    change_by_1  the same for a difference of 1, where that is said otherwise
    """

    name: str
    description: str
    highest: int
    examples: tuple[float, ...]
    step: float
    may_fall: bool
    change: str
    change_by_1: str | None = None


INPUTS = (
    Input(
        name="years_of_experience",
        description="Years of experience, whole or not.",
        highest=80,
        examples=(
            1.0,
            2.5,
            3.0,
            4.0,
            4.5,
            5.0,
            5.5,
            6.0,
            6.5,
            7.0,
            7.5,
            8.0,
            9.0,
            9.5,
            10.0,
            11.0,
            12.0,
            14.0,
            16.0,
            18.0,
        ),
        step=0.5,
        may_fall=False,  # they only grow
        change="in {by} years",
        change_by_1="in {by} year",
    ),
    Input(
        name="performance_score",
        description="Performance score, from 0 to 100.",
        highest=100,
        examples=(55, 71, 88, 62, 90, 78, 84, 69, 82, 75, 58, 91, 66, 80, 73, 61, 85, 70, 52, 77),
        step=1.0,
        may_fall=True,
        change="with a performance score of {to}",
    ),
)

NAMES = tuple(each.name for each in INPUTS)
HIGHEST = {each.name: each.highest for each in INPUTS}

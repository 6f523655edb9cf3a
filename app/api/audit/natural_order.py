"""The order in which a person would put labels: region 2 before region 10.

Written here because natsort, whose last release is of 2023, takes 2 and 02 for equal, and would save one line.
"""

import re

_DIGITS = re.compile(r"(\d+)")


def natural(label: str) -> tuple[list[str | int], str]:
    """The key to sort labels by: numbers in them by their size, capitals like small letters. Of labels that are then
    alike (2, 02) the one whose characters come first.

    Digits, of any script, stand at every second place of the list, so that numbers meet numbers and text meets text.
    """
    parts: list[str | int] = [*_DIGITS.split(label.casefold())]
    parts[1::2] = map(int, parts[1::2])
    return parts, label

"""Labels as codes."""

from __future__ import annotations

import numpy as np

from app.api.audit.labels import Labels


def test_codes_go_with_their_labels() -> None:
    of = Labels("race_ethnicity")
    codes = of.codes(["group 10", "", "group 9", " group 10 ", "group 1"])
    names, ordered = of.in_order(codes)
    assert names == ("group 1", "group 9", "group 10")
    assert np.array_equal(ordered, [2, -1, 1, 2, 0])

"""Adverse impact: whom a selection selects, category by category, and how sure that is. NumPy and HiGHS alone.

`audit` puts all of it together. `tally` counts, `tables` and `pooled` compare categories, `two_groups` and `exact_test`
are the tests, `verdicts` the words. `unknowns` bounds what people of whom something is unknown could change: on a
`grid` of categories, by `placing` them, by `both_kinds` with an `integer_programme`, and by `fewest_to_flip`.
"""

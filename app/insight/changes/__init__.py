"""The nearest changes that turn a decision, for any number of inputs.

`nearest_changes` is the way in, `changes` what comes out. `decision_rule` says what the model decides at a point, and
`lattice` which points a change may lead to. `search` looks at every point of one employee. For two inputs there are two
quicker ways: `lattice_cache` with `nearest` keeps the answers of whole lattices, `bisection` takes many employees at
once. All three say what they have `found` in the same form.
"""

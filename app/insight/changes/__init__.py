"""The nearest changes that turn a decision.

`nearest_changes` finds them on a `lattice` of steps: by tables (`nearest`, `lattice_cache`), by `search` or by
`bisection`. `decision_rule` is the model that decides; `found` and `changes` are how what was found is handed on.
"""

"""What a model says of itself. A file or a folder for each key of the report's JSON.

`report` puts it together: `signal` (with `permutation`), `performance`, `calibration`, `selection`, `learned`, `data`.
`cross_validation` scores people whom the model has not seen; `baselines`, `added_value`, `measures` and `ranking` judge
the scores; `estimates` and `poisson_binomial` are the statistics.
"""

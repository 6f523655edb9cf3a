"""By how much each input raised or lowered a score, exactly.

`shapley` gives each input its share. `coalitions` has what a score is expected to be when some inputs are known.
"""

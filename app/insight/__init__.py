"""What can be said of a model and of its scores. NumPy and nothing else.

`explainer` answers a `question` about scores: `contributions` says what raised them, `changes` what would turn a
decision, and `evidence` is what a model keeps for that. `report` says how good a model is, and whether to believe it.
"""

"""What can be said of a model and of its scores. NumPy and nothing else.

`explainer` answers a `question` about scores, with the help of three rooms. `contributions` says by how much each input
raised or lowered a score. `changes` finds the nearest change that turns the decision. `evidence` is what a model keeps
of its training, and how sure and how familiar a score is by that. `report` says how far to trust the model as a whole.
"""

"""What a model keeps of its training, without anybody's record, and what that says of a score.

`evidence` is all of it. `background` has the points that scores are compared with, made by `condense` of many rows.
`interval` says how sure a score is, by the `slopes` of its logit. `familiarity` says whether the training saw such
employees, `similar` how many of them.
"""

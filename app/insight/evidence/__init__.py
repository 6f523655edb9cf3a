"""What a model keeps of its training, so that its scores can be explained when its rows are gone.

`evidence` holds it together. `background` is with whom a score is compared, made by `condense`. `interval` says how
sure a score is (`slopes` are its derivatives), `familiarity` and `similar` how far an employee is from those seen.
"""

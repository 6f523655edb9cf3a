"""The mathematics: the network's equations, their gradients, and the solvers. NumPy and nothing else.

Scoring: `parameters` are the weights, `forward` scores with them, `one` does it for a single row. Training: `fit` makes
a `training_set` of rows (`grouping`, `standardise`) and hands it to a solver of the room `solvers`, which lowers the
`objective`; `loss` has its derivatives, and `layout` says where each weight stands.
No clock, log, thread, file or store here: a training is a generator of progress values that returns its result.
"""

"""The mathematics: the network's equations, their gradients, and the two solvers. NumPy and nothing else.

`forward` scores and `one` scores one employee. `loss` has the derivatives, `objective` what a training minimises, and
`layout` where each weight stands. `training_set` is what is trained on, `solvers` train, and `fit` does all of it.
No clock, log, thread, file or store here: a training is a generator of `progress` that returns what it has `fitted`.
"""

"""The mathematics: the network's equations, their gradients, and the two solvers. NumPy and nothing else.

No clock, log, thread, file or store here: a training is a generator of progress values that returns its result.
"""

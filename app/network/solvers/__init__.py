"""How a network is trained: damped Gauss-Newton from many starts, and the notes' gradient descent.

`race` lets the descents of `gauss_newton` (with `next_step`) from many `starts` compete, first on `coarse_levels` of
the rows: `cells` (with `bins`) or a `sample`. `race_progress` says how far it is. `gradient_descent` is the plain rule.
"""

"""How the objective is lowered: by the notes' rule, `gradient_descent`, or by a `race` of many starts.

`starts` says where they begin, `gauss_newton` how they descend, and `next_step` solves for each step. They race on
`coarse_levels` of the rows first, which `cells` or a `sample` make; `bins` finds the cell of a row.
"""

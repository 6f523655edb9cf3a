"""A training as durable work.

A `job` is a training's data and options. `queue` is what callers do with trainings, `claims` what workers do; `states`
has the moves between them. `worker` claims, `attempt` runs one claim, `runner` starts the process (`process`, `making`)
and `wire` is what both say to each other. `card` is what a version says of its training for ever.
"""

"""HTTP: an endpoint a file, and under it the rooms.

`http` has what all endpoints share: routes, options, problems, observation, batches. `bodies` makes records of bytes.
`explanations` says why a score is what it is. `audit` and `open_inference` are interfaces with records of their own.
`documents` declares the answers; `fast_predict` answers the commonest request before FastAPI sees it.
"""

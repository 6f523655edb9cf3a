"""What all endpoints share, in the order in which a request meets it.

`application` has the front door: `observation`, `compression`, `hot_endpoints`. `routes` and `scoring_route` read
`options` and bodies (`receiving`) and call the endpoint. `batches` and `frames` hand large bodies to another process.
`problems` makes errors answers, `contract` completes /openapi.json. `state` is what the process holds, and `telemetry`
tells of it.
"""

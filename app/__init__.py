"""The promotion-scoring service. `app.cli` starts it, `app.main` is what uvicorn serves, and `app.service` wires
it.

`api` answers requests. `trainings` runs trainings. `registry` knows the model versions. `insight` explains models and
scores, `impact` computes whom a selection selects, `network` is the mathematics, and `store` is the database.
`inputs`, `settings` and `errors` are tables that everything may use.
"""

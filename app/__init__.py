"""The promotion-scoring service; `app.service` wires it, `app.main` is what uvicorn serves."""

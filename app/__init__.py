"""The promotion-scoring service; `app.main` wires it."""

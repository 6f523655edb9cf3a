"""The contract that the tests are held to, put together once."""

from typing import Any

from app.service import create_app

CONTRACT: dict[str, Any] = create_app().openapi()
"""/openapi.json."""

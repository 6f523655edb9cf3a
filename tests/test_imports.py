"""What the service's processes import: nothing that they may never need, however much is installed beside them."""

import subprocess
import sys

import pytest

HEAVY = {"alembic", "matplotlib", "onnx", "onnxruntime", "pandas", "polars", "psycopg", "scipy", "sklearn", "torch"}
WEB = {"fastapi", "pydantic", "sqlalchemy", "starlette", "uvicorn"}


@pytest.mark.parametrize(
    ("module", "unwanted"),
    [
        ("app.main", HEAVY),
        ("app.cli", HEAVY | WEB | {"app.service", "app.settings", "asyncio", "numpy"}),
        ("app.batch_process", HEAVY | {"uvicorn", "prometheus_client", "structlog"}),
        ("app.trainings.process", HEAVY | WEB),
    ],
)
def test_nothing_heavy_is_imported(module, unwanted):
    program = f"import {module}, sys; print(*sys.modules)"
    printed = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout.split()
    assert module in printed
    assert not unwanted & set(printed)

"""Settings come from PROMOTION_* variables, each with its default and its reason."""

import re
from pathlib import Path

import pytest
from pydantic import ValidationError

from app.errors import StoreUnusable
from app.service import create_app
from app.settings import Settings


@pytest.fixture(autouse=True)
def _no_variables(monkeypatch):
    for name in Settings.model_fields:
        monkeypatch.delenv(f"PROMOTION_{name.upper()}", raising=False)


DEFAULTS = {
    "data_dir": Path("data"),
    "database_url": None,
    "max_body_bytes": 67108864,
    "train_wait": 30,
    "trainings_at_once": 1,
    "queue_limit": 100,
    "training_lease": 10,
    "shutdown_grace": 30,
    "keep_failed_records": False,
}


def test_defaults():
    assert Settings().model_dump() == DEFAULTS


def test_variables_set_them(monkeypatch):
    monkeypatch.setenv("PROMOTION_DATA_DIR", "/somewhere/else")
    monkeypatch.setenv("PROMOTION_MAX_BODY_BYTES", "1024")
    monkeypatch.setenv("PROMOTION_DATABASE_URL", "postgresql://me:Kx7719Qz@db/promotion")
    monkeypatch.setenv("PROMOTION_KEEP_FAILED_RECORDS", "true")
    settings = Settings()
    assert (settings.data_dir, settings.max_body_bytes) == (Path("/somewhere/else"), 1024)
    assert settings.keep_failed_records is True
    assert str(settings.database_url.get_secret_value()) == "postgresql://me:Kx7719Qz@db/promotion"
    assert "Kx7719Qz" not in repr(settings)


@pytest.mark.parametrize("url", ["mysql://db/x", "promotion.db", "", "sqlite:///x.db"])
def test_only_postgresql_goes_by_url(monkeypatch, url):
    monkeypatch.setenv("PROMOTION_DATABASE_URL", url)
    with pytest.raises(ValidationError, match="database_url"):
        Settings()


@pytest.mark.parametrize("value", ["0", "-1", "64 MiB", "", "1.5"])
def test_impossible_values_name_the_setting(monkeypatch, value):
    monkeypatch.setenv("PROMOTION_MAX_BODY_BYTES", value)
    with pytest.raises(ValidationError, match="max_body_bytes"):
        Settings()


def test_variables_of_others_are_left_alone(monkeypatch):
    monkeypatch.setenv("PROMOTION_PORT", "tcp://10.0.0.1:80")
    assert Settings().model_dump() == DEFAULTS


def test_every_setting_says_why():
    for name, field in Settings.model_fields.items():
        assert len(field.description) > 60, name
        assert field.description.endswith("."), name


def test_settings_do_not_change():
    with pytest.raises(ValidationError):
        Settings().max_body_bytes = 1


def test_nothing_is_read_or_written_before_the_start(tmp_path):
    create_app(Settings(data_dir=tmp_path / "data"))
    assert list(tmp_path.iterdir()) == []


def test_the_service_uses_them(serve, tmp_path):
    service = serve(tmp_path / "deep" / "down", max_body_bytes=10)
    assert (tmp_path / "deep" / "down" / "promotion.db").is_file()
    assert service.post("/train", b"x" * 11).json()["detail"] == "The body has more than 10 bytes."


def test_a_start_that_cannot_be_says_what_to_do(portal, tmp_path, capsys):
    (tmp_path / "file").touch()
    app = create_app(Settings(data_dir=tmp_path / "file"))

    async def start():
        async with app.router.lifespan_context(app):
            raise AssertionError("it started")

    with pytest.raises(StoreUnusable):
        portal.call(start)
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(f"promotion-scoring cannot start: {tmp_path}/file/promotion.db cannot be used: ")
    assert line.endswith("PROMOTION_DATA_DIR names its directory.")


def test_a_wrong_variable_ends_the_start_by_its_name(monkeypatch, capsys):
    monkeypatch.setenv("PROMOTION_MAX_BODY_BYTES", "64 MiB")
    with pytest.raises(SystemExit) as ended:
        create_app()
    assert ended.value.code == 3, "the one after which uvicorn does not start a worker again"
    (line,) = capsys.readouterr().err.splitlines()
    assert re.match(r"promotion-scoring cannot start: PROMOTION_MAX_BODY_BYTES: .*valid integer", line)

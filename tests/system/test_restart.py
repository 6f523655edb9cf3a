"""What is on the volume outlives the process, and what cannot be used is refused in one clear line."""

import sqlite3
from contextlib import closing

import pytest

EMPLOYEES = [(6.5, 82), (1, 40), (20, 95.5)]


def refused(server, **started):
    """Start a server that must not start; what it says on standard error about that."""
    server = server(wait=False, **started)
    assert server.ended() not in (0, None)
    assert "Traceback" not in server.output
    reasons = [line for line in server.stderr if "cannot start" in line]
    assert len(reasons) == 1, server.output
    return reasons[0]


def test_a_restart_keeps_everything(server, sample):
    first = server()
    first.train(sample).raise_for_status()
    first.train(sample, "?network=single_neuron&threshold=0.3").raise_for_status()
    first.train(sample, "?seed=9&activate=false").raise_for_status()
    first.client.put("/model", json={"version": 2}).raise_for_status()
    paths = ("/model", "/model/versions", "/model/versions/1", "/model/versions/3/weights", "/readyz")
    before = [first.client.get(path).content for path in paths], first.predict(*EMPLOYEES).content
    first.stop()

    again = server()
    assert ([again.client.get(path).content for path in paths], again.predict(*EMPLOYEES).content) == before
    assert again.client.get("/model").json()["version"] == 2
    assert again.train(sample).json()["version"] == 4


@pytest.mark.long
def test_the_database_of_a_newer_release_is_refused_and_untouched(server, sample, tmp_path):
    first = server()
    first.train(sample).raise_for_status()
    first.stop()
    database = tmp_path / "data/promotion.db"
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9876'")
        connection.commit()
    before = database.read_bytes()

    reason = refused(server)
    assert "newer release" in reason
    assert "9876" in reason
    assert str(database) in reason
    assert database.read_bytes() == before


def test_a_data_directory_below_a_file_is_refused(server, tmp_path):
    (tmp_path / "file").write_text("not a directory")
    reason = refused(server, data_dir=tmp_path / "file/data")
    assert "Not a directory" in reason
    assert "PROMOTION_DATA_DIR" in reason


def test_a_file_that_is_no_database_is_refused_and_untouched(server, tmp_path):
    file = tmp_path / "data/promotion.db"
    file.parent.mkdir()
    file.write_bytes(bytes(range(256)) * 32)
    assert "file is not a database" in refused(server)
    assert file.read_bytes() == bytes(range(256)) * 32


@pytest.mark.parametrize("wrong", ["64M", pytest.param("0", marks=pytest.mark.long)])
def test_a_wrong_setting_is_refused(server, wrong):
    assert "PROMOTION_MAX_BODY_BYTES: Input should be" in refused(server, PROMOTION_MAX_BODY_BYTES=wrong)

"""Opening: what cannot be used is told with its path and the setting that names it; many may open at once."""

import os
import sqlite3
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

from app.errors import StoreUnusable
from app.store.open import open_store
from app.store.sqlite import FILE_NAME
from tests.waiting import PATIENCE

ROOT = Path(__file__).parents[2]


def message(data_dir):
    with pytest.raises(StoreUnusable) as refused:
        open_store(data_dir)
    assert "PROMOTION_DATA_DIR" in str(refused.value)
    assert str(data_dir) in str(refused.value)
    return str(refused.value)


def test_directories_are_made(tmp_path):
    open_store(tmp_path / "a" / "b").close()
    assert (tmp_path / "a" / "b" / FILE_NAME).is_file()


def test_a_directory_under_a_regular_file(tmp_path):
    (tmp_path / "file").write_text("x")
    assert "Not a directory" in message(tmp_path / "file" / "data")
    assert "exists" in message(tmp_path / "file").lower()
    assert (tmp_path / "file").read_text() == "x"


@pytest.mark.parametrize(
    "content", [b"not a database, whatever it is called" * 100, b"SQLite format 3\x00" + b"\xff" * 5000]
)
def test_a_file_that_is_no_database_is_left_untouched(tmp_path, content):
    (tmp_path / FILE_NAME).write_bytes(content)
    assert "database" in message(tmp_path)
    assert (tmp_path / FILE_NAME).read_bytes() == content


def test_a_directory_where_the_file_should_be(tmp_path):
    (tmp_path / FILE_NAME).mkdir()
    assert "cannot be used" in message(tmp_path)
    assert list((tmp_path / FILE_NAME).iterdir()) == []


def test_an_empty_file_becomes_a_database(tmp_path):
    (tmp_path / FILE_NAME).touch()
    open_store(tmp_path).close()
    with closing(sqlite3.connect(tmp_path / FILE_NAME)) as connection:
        assert connection.execute("SELECT count(*) FROM model_versions").fetchone() == (0,)


@pytest.mark.long
def test_eight_processes_open_a_new_directory_at_once(tmp_path):
    program = (
        "import sys, pathlib; from app.store.open import open_store\n"
        "print('ready', flush=True); sys.stdin.readline()\n"
        "store = open_store(pathlib.Path(sys.argv[1])); store.ping(); store.close(); print('opened')"
    )
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", program, str(tmp_path / "new")],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            env=os.environ | {"PYTHONPATH": str(ROOT)}, text=True,
        )
        for _ in range(8)
    ]  # fmt: skip
    assert [process.stdout.readline() for process in processes] == ["ready\n"] * 8
    for process in processes:
        process.stdin.write("go\n")
        process.stdin.flush()
    ends = [process.communicate(timeout=PATIENCE) for process in processes]
    assert ends == [("opened\n", "")] * 8
    store = open_store(tmp_path / "new")
    with store.reading() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM alembic_version").scalar_one() == 1
    store.close()


def test_opening_waits_for_another_one_that_is_just_making_the_file(tmp_path):
    """Switching to the write-ahead log needs the file alone, and SQLite does not wait for that by itself."""
    with closing(sqlite3.connect(tmp_path / FILE_NAME)) as other, ThreadPoolExecutor(1) as pool:
        other.execute("BEGIN IMMEDIATE")
        opening = pool.submit(open_store, tmp_path)
        with pytest.raises(TimeoutError):
            opening.result(timeout=0.3)
        other.rollback()
        opening.result(timeout=PATIENCE).close()


def test_the_database_is_durable_keeps_its_constraints_and_overwrites_what_is_deleted(sqlite_store):
    with sqlite_store.reading() as connection:
        pragmas = {name: connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()
                   for name in ("journal_mode", "synchronous", "foreign_keys", "secure_delete")}  # fmt: skip
    assert pragmas == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "secure_delete": 1}


def test_a_file_that_is_gone_is_not_made_anew_by_wiping_it(tmp_path):
    store = open_store(tmp_path / "data")
    for file in (tmp_path / "data").iterdir():
        file.unlink()
    assert store.wipe() is False
    assert list((tmp_path / "data").iterdir()) == []
    (tmp_path / "data").rmdir()
    assert store.wipe() is False
    store.close()

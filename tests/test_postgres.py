"""The tests' own PostgreSQL server does what the tests of the store take from it."""

from collections.abc import Iterator
from contextlib import closing

import psycopg
import pytest

from tests.postgres import Cluster


@pytest.fixture
def cluster() -> Iterator[Cluster]:
    """A server that this test may stop."""
    with closing(Cluster()) as cluster:
        yield cluster


@pytest.mark.parametrize("mode", ["smart", "fast", "immediate"])
def test_a_stopped_server_answers_nobody_and_comes_back_with_every_commit(cluster, mode):
    url = cluster.new_database()
    with psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE kept (number integer)")
        connection.execute("INSERT INTO kept VALUES (7)")
    cluster.stop(mode)
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(url)
    cluster.start()
    with psycopg.connect(url) as connection:
        assert connection.execute("SELECT number FROM kept").fetchall() == [(7,)]


def test_every_database_is_a_new_one(postgres):
    first, second = postgres.new_database(), postgres.new_database()
    with psycopg.connect(first) as connection:
        connection.execute("CREATE TABLE only_here ()")
    with psycopg.connect(second) as connection:
        assert connection.execute("SELECT to_regclass('only_here')").fetchone() == (None,)


def test_nothing_stays_of_a_closed_server():
    cluster = Cluster()
    url = cluster.new_database()
    cluster.close()
    assert not cluster.directory.exists()
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(url)

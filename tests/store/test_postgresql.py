"""What is PostgreSQL's alone: the poll for news, a server that goes and comes back, what is refused at the start."""

import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from itertools import count
from queue import Queue
from time import monotonic, sleep

import psycopg
import pytest
import sqlalchemy as sa

from app.errors import StoreTooNew, StoreUnavailable, StoreUnusable
from app.store import versions
from app.store.activation_poll import ActivationPoll
from app.store.open import open_store
from app.store.schema import metadata
from tests.postgres import Cluster
from tests.waiting import PATIENCE, until

MOMENT = "2026-01-01T00:00:00.000000Z"
SECRET = "Kx7719Qz"


@pytest.fixture(scope="module")
def own():
    """A cluster that these tests may stop."""
    with closing(Cluster()) as cluster:
        yield cluster


@contextmanager
def opened(url):
    store = open_store(None, url)
    try:
        yield store
    finally:
        store.close()


def known(changes):
    """What the poll knows. On a busy machine it may say that it does not know; never what is old."""

    def counter():
        found = changes.counter()
        return None if found is None else [found]

    return until(counter, "it knows")[0]


def activate(store, version=1):
    with store.writing() as connection:
        versions.activate(connection, version, MOMENT)


def add_version(store):
    with store.writing() as connection:
        connection.execute(metadata.tables["trainings"].insert().values(
            id="t", state="succeeded", submitted_at=MOMENT, options={}, rows=3, records_digest=""))  # fmt: skip
        versions.insert(connection, training_id="t", created_at=MOMENT, digest="d", card={}, weights=b"w")


def test_news_of_an_activation_elsewhere_come_in_time(postgres_url):
    with opened(postgres_url) as here, opened(postgres_url) as there, closing(here.changes(print)) as changes:
        add_version(there)
        for number in (1, 2, 3):
            assert known(changes) == number - 1
            activate(there)
            sleep(changes.settling_seconds)
            assert known(changes) == number


def test_what_is_new_is_told_without_being_asked_for():
    activations, questions, told = [1], [], Queue()

    def newest():
        questions.append("?")
        return activations[-1]

    with closing(ActivationPoll(newest, told.put)):
        assert told.get(timeout=PATIENCE) == 1, "what was there at the start is news too"
        activations.append(2)
        assert told.get(timeout=PATIENCE) == 2
        enough = len(questions) + 3
        until(lambda: len(questions) >= enough, "it is asked again and again")
        assert told.empty(), "what is known is not told again"


@contextmanager
def hanging():
    """A poll that hangs in its second question, its first answer too old; and what lets it go on."""
    asked, hangs, let_go = count(1), threading.Event(), threading.Event()

    def newest():
        number = next(asked)
        if number == 2:
            hangs.set()
            assert let_go.wait(PATIENCE)
        return number

    with closing(ActivationPoll(newest, print)) as poll:
        try:
            assert poll.counter() == 1
            assert hangs.wait(PATIENCE)
            sleep(poll.settling_seconds)
            yield poll, let_go
        finally:
            let_go.set()


def seconds(function):
    """How long a call takes."""
    began = monotonic()
    function()
    return monotonic() - began


def test_an_answer_that_is_too_old_is_not_given():
    """Whoever asks waits for the next one, for a second; then the database is away."""
    with hanging() as (poll, let_go):
        waited = seconds(poll.counter)
        assert waited > 0.9
        assert poll.counter() is None
        assert seconds(lambda: [poll.counter() for _ in range(100)]) < waited, "nobody waits a second time"
        let_go.set()
        assert known(poll) >= 2


@pytest.mark.alone
def test_who_asks_waits_for_a_second():
    with hanging() as (poll, _):
        assert seconds(poll.counter) == pytest.approx(1.0, abs=0.4)
        assert seconds(poll.counter) < 0.2


def test_a_slow_database_is_away_and_does_not_keep_everybody_waiting_again_and_again():
    questions = []

    def newest():
        questions.append("?")
        if len(questions) > 1:
            sleep(1.0)
        return 1

    waited, began = 0.0, monotonic()
    with closing(ActivationPoll(newest, print)) as poll:
        while len(questions) < 5:
            waited += seconds(poll.counter)
            sleep(0.01)
        assert waited < (monotonic() - began) / 2


def test_the_poll_goes_on_after_a_mistake():
    answers = iter([1, 2, ValueError(SECRET), 3, 4])

    def newest():
        answer = next(answers, 5)
        if isinstance(answer, Exception):
            raise answer
        return answer

    def told(number):
        heard.put(number)
        if number == 3:
            raise LookupError

    heard = Queue()
    with closing(ActivationPoll(newest, told)) as poll:
        assert [heard.get(timeout=PATIENCE) for _ in range(3)] == [2, 3, 3 + 1]
        until(lambda: poll.counter() == 5, "it is asked again")


def test_the_poll_has_a_connection_of_its_own(postgres_url):
    with opened(postgres_url) as store, closing(store.changes(print)) as changes, ExitStack() as taken:
        for _ in range(15):  # as many as the pool has
            taken.enter_context(store.reading())
        sleep(changes.settling_seconds)  # what it knows then it was told meanwhile
        assert known(changes) == 0


def test_the_database_goes_away_and_comes_back(own):
    url = own.new_database()
    with opened(url) as store, closing(store.changes(print)) as changes:
        add_version(store)
        activate(store)
        for mode in ("fast", "immediate"):
            assert store.answers()
            own.stop(mode)
            try:
                with pytest.raises(StoreUnavailable) as away:
                    store.ping()
                assert away.value.detail == "The database cannot be used: no connection to it."
                sleep(changes.settling_seconds)
                assert changes.counter() is None
            finally:
                own.start()
            store.ping()
            assert known(changes) == 1


def test_eight_open_a_new_database_at_once(postgres_url):
    with ThreadPoolExecutor(8) as pool:
        stores = list(pool.map(lambda _: open_store(None, postgres_url), range(8)))
    with stores[0].reading() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM alembic_version").scalar_one() == 1
        assert set(sa.inspect(connection).get_table_names()) == {*metadata.tables, "alembic_version"}
    for store in stores:
        store.close()


def test_a_newer_database_is_refused_and_left_untouched(postgres_url):
    open_store(None, postgres_url).close()
    with psycopg.connect(postgres_url) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9042'")
    with pytest.raises(StoreTooNew, match=r"newer release: it has the schema 9042"):
        open_store(None, postgres_url)
    with psycopg.connect(postgres_url) as connection:
        assert connection.execute("SELECT version_num FROM alembic_version").fetchall() == [("9042",)]


def test_a_database_that_does_not_answer_is_named_without_its_password():
    with pytest.raises(StoreUnusable) as refused:
        open_store(None, f"postgresql://someone:{SECRET}@127.0.0.1:1/missing")
    assert "missing on 127.0.0.1" in str(refused.value)
    assert "PROMOTION_DATABASE_URL" in str(refused.value)
    assert SECRET not in str(refused.value)


def test_a_migration_that_fails_leaves_nothing(postgres_url):
    with psycopg.connect(postgres_url) as connection:
        connection.execute("CREATE TABLE activations (in_the_way int)")
    with pytest.raises(StoreUnusable, match="already exists"):
        open_store(None, postgres_url)
    with psycopg.connect(postgres_url) as connection:
        tables = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
    assert tables == [("activations",)]


def test_without_its_driver_the_remedy_is_told(monkeypatch):
    monkeypatch.setitem(sys.modules, "psycopg", None)  # as where the extra `postgres` was not installed
    with pytest.raises(StoreUnusable, match=r"pip install 'promotion-scoring\[postgres\]'"):
        open_store(None, "postgresql://promotion@127.0.0.1/scores")

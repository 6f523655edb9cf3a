"""What is PostgreSQL's alone: the poll for news, a server that goes and comes back, what is refused at the start."""

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
            assert changes.counter() == number - 1
            activate(there)
            sleep(changes.settling_seconds)
            assert changes.counter() == number


def test_what_is_new_is_told_without_being_asked_for():
    activations, told = [1], Queue()
    with closing(ActivationPoll(lambda: activations[-1], told.put)):
        assert told.get(timeout=5) == 1, "what was there at the start is news too"
        activations.append(2)
        assert told.get(timeout=5) == 2
        sleep(1.2)
        assert told.empty(), "what is known is not told again"


def test_an_answer_that_is_too_old_is_not_given():
    """The poll hangs in its second question. Whoever asks waits for it, for a second; then the database is away."""
    let_go, questions = threading.Event(), []

    def newest():
        questions.append(monotonic())
        if len(questions) == 2:
            let_go.wait(60)
        return len(questions)

    with closing(ActivationPoll(newest, print)) as poll:
        assert poll.counter() == 1
        sleep(1.0)  # the second question has been asked by now, and the first answer is too old
        began = monotonic()
        assert poll.counter() is None
        assert monotonic() - began == pytest.approx(1.0, abs=0.4)
        began = monotonic()
        assert poll.counter() is None
        assert monotonic() - began < 0.2, "it is known to be away: nobody waits a second time"
        let_go.set()
        sleep(1.2)
        assert poll.counter() >= 2


def test_a_slow_database_is_away_and_does_not_keep_everybody_waiting_again_and_again():
    questions = count()

    def newest():
        if next(questions):
            sleep(1.0)
        return 1

    waited, until = 0.0, monotonic() + 5
    with closing(ActivationPoll(newest, print)) as poll:
        while monotonic() < until:
            began = monotonic()
            poll.counter()
            waited += monotonic() - began
            sleep(0.01)
    assert waited < 1.5


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
        assert [heard.get(timeout=5) for _ in range(3)] == [2, 3, 3 + 1]
        sleep(0.8)
        assert poll.counter() == 5


def test_the_poll_has_a_connection_of_its_own(postgres_url):
    with opened(postgres_url) as store, closing(store.changes(print)) as changes, ExitStack() as taken:
        for _ in range(15):  # as many as the pool has
            taken.enter_context(store.reading())
        sleep(2)
        assert changes.counter() == 0


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
            sleep(1.2)
            assert changes.counter() == 1


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

"""Records are personal data: when their training has ended, no byte of them is left in the database's files."""

import os
import signal
import sqlite3
import struct
from contextlib import closing, suppress

import pytest

from tests.processes import trainings
from tests.waiting import until

SHORT = "network=single_neuron&starts=1"
LONG = "solver=gradient_descent&epochs=100000&hidden_units=16"
DIVERGENT = "solver=gradient_descent&learning_rate=1000&alpha=1000&epochs=1000"


@pytest.fixture(scope="module")
def records():
    """3,000 records, more than a page of the database holds, with numbers that nothing else has."""
    return [
        {
            "employee_id": f"Kxq{i}Zv",
            "years_of_experience": 7.123456789012345 + i / 997,
            "performance_score": 31.98765432109876 + i / 1009,
            "promoted": i % 3 == 0,
        }
        for i in range(3000)
    ]


@pytest.fixture(scope="module")
def traces(records):
    """What the records may look like in a file: packed numbers, their digits, their ids.

    Of one inputs may stay, some hundred pairs that scores are explained with: whose they were and what was decided not.
    """
    names = ("years_of_experience", "performance_score", "promoted")
    rows = [[one[name] for name in names] for one in records]
    return {
        *(struct.pack("<ddd", *row) for row in rows),
        *(struct.pack(">ddd", *row) for row in rows),
        *(repr(number).encode() for row in rows[:20] for number in row[:2]),
        b"Kxq",
    }


@pytest.fixture
def left(traces):
    """How many traces of the records there are in all files of a directory."""
    packed = {trace for trace in traces if len(trace) == 24}

    def count(data_dir):
        found = 0
        for path in data_dir.iterdir():
            data = path.read_bytes()
            found += sum(trace in data for trace in traces - packed)
            # A record may stand at any offset: one pass for each of eight instead of a search for each record.
            found += sum(len(packed & {data[i : i + 24] for i in range(at, len(data), 8)}) for at in range(8))
        return found

    return count


def order(service, records, query, **headers):
    headers = {"Prefer": "respond-async"} | headers
    return service.send("POST", f"/train?{query}", json={"employees": records}, headers=headers).json()["id"]


def state(service, training_id):
    return service.get(f"/train/{training_id}").json()["state"]


def kept(data_dir):
    """Whose records the table has."""
    with closing(sqlite3.connect(data_dir / "promotion.db")) as connection:
        return {training_id for (training_id,) in connection.execute("SELECT training_id FROM training_records")}


def clean(left, data_dir):
    until(lambda: not left(data_dir), "the files are clean")
    assert sorted(path.name for path in data_dir.iterdir())[0] == "promotion.db"


def test_they_are_there_until_it_ends(serve, records, left):
    """Else the searches of the other tests would find nothing because they look for the wrong thing."""
    service = serve()
    training_id = order(service, records, LONG)
    until(lambda: state(service, training_id) == "running", "it runs")
    # Asked again: while the log is folded into the file, neither may have been read with them.
    # All but those that are cut by the end of a page.
    until(lambda: left(service.data_dir) > 0.95 * len(records), "they are found")
    assert kept(service.data_dir) == {training_id}
    service.close()
    assert left(service.data_dir) > 0.95 * len(records), "the next service needs them"
    again = serve()
    assert again.send("DELETE", f"/train/{training_id}").status_code == 200
    assert kept(again.data_dir) == set()
    clean(left, again.data_dir)


def test_after_a_success(service, records, left):
    answer = service.post(f"/train?{SHORT}", records)
    assert answer.status_code == 201
    assert kept(service.data_dir) == set(), "gone before the caller knows"
    clean(left, service.data_dir)
    headers = {"Idempotency-Key": "x"}
    training_id = order(service, records, f"{SHORT}&activate=false", **headers)
    until(lambda: state(service, training_id) == "succeeded", "it ends")
    assert kept(service.data_dir) == set()
    clean(left, service.data_dir)
    service.close()
    assert left(service.data_dir) == 0


def test_after_a_failure(service, records, left):
    assert service.post(f"/train?{DIVERGENT}", records).status_code == 422
    assert kept(service.data_dir) == set()
    clean(left, service.data_dir)


def test_after_three_dead_processes(service, records, left):
    training_id = order(service, records, LONG)

    def is_dead():
        for process in trainings():
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        return state(service, training_id) == "failed"

    until(is_dead, "it has failed")
    assert service.get(f"/train/{training_id}").json()["attempt"] == 3
    assert kept(service.data_dir) == set()
    clean(left, service.data_dir)


def test_after_a_cancel(service, records, past_decisions, left):
    """Of one that waits and of one that runs, while another one goes on."""
    running = order(service, records, LONG)
    waiting = order(service, records, SHORT)
    other = order(service, past_decisions, LONG)
    until(lambda: state(service, running) == "running", "it runs")
    assert kept(service.data_dir) == {running, waiting, other}
    service.send("DELETE", f"/train/{waiting}")
    assert kept(service.data_dir) == {running, other}
    service.send("DELETE", f"/train/{running}")
    assert kept(service.data_dir) == {other}
    clean(left, service.data_dir)
    assert state(service, other) in ("queued", "running")


def test_after_a_refusal_nothing_has_been_there(serve, records, past_decisions, left):
    service = serve(queue_limit=1)
    running = order(service, past_decisions, LONG)
    until(lambda: state(service, running) == "running", "it runs")
    order(service, past_decisions, LONG)
    assert service.post(f"/train?{SHORT}", records).status_code == 503
    assert service.post(f"/train?{SHORT}", [*records, {}]).status_code == 422
    assert left(service.data_dir) == 0


def test_while_somebody_reads(service, records, left):
    """A backup, say, holds on to what the write-ahead log has; it is emptied as soon as the reader is gone."""
    training_id = order(service, records, LONG)
    until(lambda: state(service, training_id) == "running", "it runs")
    with closing(sqlite3.connect(service.data_dir / "promotion.db", isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM trainings").fetchall()
        service.send("DELETE", f"/train/{training_id}")
        assert service.app.state.store.wipe() is False
        assert left(service.data_dir) > 0
        assert service.get("/readyz").status_code == 200
        reader.execute("COMMIT")
    clean(left, service.data_dir)


def test_whatever_an_earlier_service_has_left(serve, records, past_decisions, left):
    """A service that was killed between the end of a training and the emptying of the log: the next one does it."""
    service = serve()
    with closing(sqlite3.connect(service.data_dir / "promotion.db", isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM trainings").fetchall()
        assert service.post(f"/train?{SHORT}", records).status_code == 201
        service.close()
        assert left(service.data_dir) > 0
        again = serve()
        reader.execute("COMMIT")
        clean(left, again.data_dir)
    assert again.post(f"/train?{SHORT}", past_decisions).json()["version"] == 2


def test_those_of_failed_trainings_stay_when_asked_for_and_only_those(serve, records, past_decisions, left):
    service = serve(keep_failed_records=True)
    failed = order(service, past_decisions, DIVERGENT)
    until(lambda: state(service, failed) == "failed", "it ends")
    assert service.post(f"/train?{SHORT}", records).status_code == 201
    cancelled = order(service, records, LONG)
    service.send("DELETE", f"/train/{cancelled}")
    assert kept(service.data_dir) == {failed}
    clean(left, service.data_dir)
    packed = b"".join(
        struct.pack("<3d", r["years_of_experience"], r["performance_score"], r["promoted"]) for r in past_decisions
    )
    with closing(sqlite3.connect(service.data_dir / "promotion.db")) as connection:
        assert connection.execute("SELECT records FROM training_records").fetchall() == [(packed,)]
    service.close()
    assert kept(serve().data_dir) == {failed}, "a service that does not keep them lets those be that are there"

"""One employee takes a shorter way: to the same bytes as the ordinary one, and to what plain FastAPI answers."""

import gzip
import json
import sqlite3
from contextlib import closing
from functools import partial

import httpx
import pytest
from fastapi import FastAPI
from hypothesis import given
from hypothesis import strategies as st

from app.api import fast_predict
from app.api.bodies.records import EmployeeList, Employees
from app.api.documents import PredictionsDocument
from app.network.forward import score
from app.registry.registry import Registry
from app.store.open import open_store
from tests.examples import examples

ORDINARY = {"Content-Type": "application/json; charset=utf-8"}
FAST = {"Content-Type": "application/json"}
numbers = st.one_of(
    st.floats(-1, 101),
    st.integers(-1, 101),
    st.sampled_from([0, -0.0, 80, 80.0, 100, 1e-320, 5e-324, 80.00000000000001, 1e400, float("nan"), 10**30]),
)
anything = st.recursive(st.none() | st.booleans() | st.text(max_size=3) | numbers, lambda c: st.lists(c, max_size=2))
ids = st.none() | st.text(max_size=4) | st.sampled_from(['"', '\\"', "é\u2028", "x" * 200, "x" * 201, '":', "\ud800"])
good = st.fixed_dictionaries(
    {"years_of_experience": st.floats(0, 80), "performance_score": st.floats(0, 100)},
    optional={"employee_id": ids, "promoted": anything},
)
doubtful = st.dictionaries(
    st.sampled_from(["employee_id", "years_of_experience", "performance_score", "promoted", "tenure", "é"]),
    st.one_of(numbers, anything, ids),
    max_size=4,
)
employees = st.one_of(st.lists(good, min_size=1, max_size=1), st.lists(st.one_of(good, doubtful), max_size=2))
documents = st.one_of(
    st.fixed_dictionaries({"employees": employees}),
    st.fixed_dictionaries({"employees": employees, "more": st.integers()}),
    anything,
)


@st.composite
def bodies(draw):
    """JSON in several notations, now and then with something broken, doubled or added."""
    document = draw(documents)
    text = json.dumps(document, ensure_ascii=draw(st.booleans()), indent=draw(st.sampled_from([None, 2])))
    change = draw(st.sampled_from(["none"] * 6 + ["cut", "key twice", "space", "mark", "escape"]))
    if change == "cut":
        text = text[: draw(st.integers(0, len(text)))]
    elif change == "key twice":
        text = text.replace("{", '{"performance_score": 1, ', 2).replace("{", '{"x": 1, ', draw(st.integers(0, 1)))
    elif change == "space":
        text = f" \n{text}\t "
    elif change == "escape":
        text = text.replace("years", "ye\\u0061rs")
    mark = b"\xef\xbb\xbf" if change == "mark" else b""
    return mark + text.encode("utf-8", "surrogatepass")


@pytest.fixture(scope="module")
def plain(trained):
    """The same declaration as an ordinary FastAPI endpoint."""
    app = FastAPI()

    @app.post("/predict")
    def predict(body: EmployeeList) -> PredictionsDocument:
        model = trained.app.state.registry.active()
        columns = Employees.from_body(body)
        scores = score(model.parameters, columns.inputs).tolist()
        predictions = [
            {"employee_id": employee_id, "probability": probability, "promote": probability >= model.threshold}
            for employee_id, probability in zip(columns.ids, scores, strict=True)
        ]
        return {"model_version": model.version, "threshold": model.threshold, "predictions": predictions}

    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    client = httpx.AsyncClient(transport=transport, base_url="http://plain")
    yield lambda body: trained.call(partial(client.post, "/predict", content=body, headers=FAST))
    trained.call(client.aclose)


class Answer:
    """What the application sends to one request, whose body comes in one message as from uvicorn; httpx's transport
    sends another, empty one, and whatever comes in pieces goes the ordinary way.
    """

    def __init__(self, service, body, headers, query=b""):
        self.content = b""
        self.scope = {
            "type": "http", "method": "POST", "path": "/predict", "raw_path": b"/predict", "query_string": query,
            "headers": [(name.lower().encode(), value.encode()) for name, value in headers.items()],
            "scheme": "http", "server": ("service", 80), "http_version": "1.1", "app": service.app,
        }  # fmt: skip
        self.message = {"type": "http.request", "body": body, "more_body": False}
        service.call(service.app, self.scope, self._receive, self._send)

    async def _receive(self):
        return self.message

    async def _send(self, message):
        if message["type"] == "http.response.start":
            self.status_code = message["status"]
            self.headers = {name.decode().title(): value.decode() for name, value in message["headers"]}
        else:
            self.content += message["body"]

    def json(self):
        return json.loads(self.content)

    @property
    def goes_the_short_way(self):
        return fast_predict._employee(self.scope["headers"], self.message, fast_predict._LONGEST) is not None


def send(service, body, headers):
    return Answer(service, body, headers)


def test_the_commonest_request_goes_the_short_way_and_what_is_not_it_does_not(trained):
    good = b'{"employees": [{"employee_id": "E-1", "years_of_experience": 6.5, "performance_score": 82}]}'
    assert send(trained, good, FAST).goes_the_short_way
    assert not send(trained, good, ORDINARY).goes_the_short_way
    assert not send(trained, good, FAST | {"Content-Encoding": "gzip"}).goes_the_short_way
    for doubt in (b"", b"{}", b'{"employees": []}', good.replace(b"82", b"182"), good.replace(b"}]", b"}, {}]"),
                  good.replace(b"6.5,", b'6.5, "years_of_experience": 7,')):  # fmt: skip
        assert not send(trained, doubt, FAST).goes_the_short_way


def test_what_goes_the_short_way_is_never_packed(trained):
    """Not with its reasons either, for which the ordinary way would pack it."""
    good = b'{"employees": [{"years_of_experience": 6.5, "performance_score": 82}]}'
    asking = {"Accept-Encoding": "gzip"}
    short, ordinary = (Answer(trained, good, kind | asking, b"explain=true") for kind in (FAST, ORDINARY))
    assert len(short.content) > 1024
    assert short.json()["predictions"][0]["explanation"] is not None
    assert "Content-Encoding" not in short.headers
    assert ordinary.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(ordinary.content) == short.content


@pytest.mark.many_examples
def test_the_short_way_and_the_ordinary_one_answer_the_same(trained):
    @examples(1000)
    @given(bodies())
    def check(body):
        short, ordinary = send(trained, body, FAST), send(trained, body, ORDINARY)
        ways.add((short.goes_the_short_way, short.status_code))
        assert (short.status_code, short.content) == (ordinary.status_code, ordinary.content)
        for header in ("Content-Type", "Content-Length"):
            assert short.headers[header] == ordinary.headers[header]

    ways = set()
    check()
    assert ways == {(True, 200), (False, 200), (False, 422)}


@pytest.mark.many_examples
def test_plain_fastapi_accepts_and_answers_the_same(trained, plain):
    """But for a key that is given twice and a byte order mark: plain FastAPI keeps the last one, and refuses it. What
    it refuses and cannot write down, NaN or half a character, it answers with 500, because it repeats the value.
    """

    @examples(800)
    @given(documents)
    def check(document):
        body = json.dumps(document).encode()
        ours, theirs = send(trained, body, FAST), plain(body)
        assert (ours.status_code, theirs.status_code) in {(200, 200), (422, 422), (422, 500)}
        if ours.status_code == 200:
            assert ours.json() == theirs.json()
        seen.add(ours.status_code)

    seen = set()
    check()
    assert seen == {200, 422}


@pytest.mark.parametrize("size", [0, 80, 88])
def test_the_limit_of_bodies_holds_here_too(serve, past_decisions, size):
    service = serve(max_body_bytes=100_000)
    service.post("/train?network=single_neuron", past_decisions)
    body = b'{"employees": [{"years_of_experience": 6.5, "performance_score": 82}]}'
    service.app.state.settings = service.app.state.settings.model_copy(update={"max_body_bytes": len(body) + size - 80})
    assert send(service, body, FAST).status_code == (200 if size >= 80 else 413)


def test_it_counts_and_is_logged_like_every_request(trained):
    body = b'{"employees": [{"years_of_experience": 6.5, "performance_score": 82}]}'
    answer = send(trained, body, FAST | {"X-Request-ID": "one"})
    assert answer.headers["X-Request-Id"] == "one"
    count = 'promotion_request_duration_seconds_count{method="POST",route="/predict",status="200"}'
    before = trained.get("/metrics").text.split(count)[1].split("\n")[0]
    send(trained, body, FAST)
    after = trained.get("/metrics").text.split(count)[1].split("\n")[0]
    assert float(after) == float(before) + 1


def test_a_mistake_on_the_short_way_is_counted_by_its_route(service, past_decisions):
    service.post("/train?network=single_neuron", past_decisions)
    with closing(sqlite3.connect(service.data_dir / "promotion.db")) as connection, connection:
        connection.execute("UPDATE model_versions SET card = '{}'")
    service.app.state.registry.version.cache_clear()
    answer = send(service, b'{"employees": [{"years_of_experience": 6.5, "performance_score": 82}]}', FAST)
    assert answer.goes_the_short_way
    assert (answer.status_code, answer.json()["code"]) == (500, "internal_error")
    # GET /metrics would meet the same mistake.
    assert b'route="/predict",status="500"' in service.app.state.metrics.exposition(None, None)


def test_what_another_process_puts_into_service_scores_the_next_employee(service, past_decisions):
    for seed in (1, 2):
        service.post(f"/train?solver=gradient_descent&epochs=1&seed={seed}", past_decisions)
    body = b'{"employees": [{"years_of_experience": 6.5, "performance_score": 82}]}'
    with closing(open_store(service.data_dir, None)) as store:
        elsewhere = Registry(store)
        for version in (2, 1, 2):
            elsewhere.activate(version)
            answer = send(service, body, FAST)
            assert answer.goes_the_short_way
            assert answer.json()["model_version"] == version

"""Every answer has its request's id; every request has one line in the log, with its route and without its query."""

import json
import re
from datetime import datetime

import pytest

TRACE = "0af7651916cd43dd8448eb211c80319c"
PARENT = "b7ad6b7169203331"


@pytest.fixture
def logged(serve, capfdbinary):
    """Starts a service and gives a reader of its log lines."""

    def start():
        service = serve()
        capfdbinary.readouterr()
        return service, lambda: [json.loads(line) for line in capfdbinary.readouterr().out.splitlines()]

    return start


REQUESTS = [
    ("GET", "/livez", "/livez", 200),
    ("GET", "/model?x=Kx1Qz", "/model", 422),
    ("GET", "/model", "/model", 404),
    ("GET", "/model/versions/Kx1Qz", "/model/versions/{version}", 404),
    ("GET", "/model/versions/1/weights", "/model/versions/{version}/weights", 404),
    ("GET", "/problems/Kx1Qz", "/problems/{code}", 404),
    ("GET", "/Kx1Qz?Kx1Qz=Kx1Qz", "unmatched", 404),
    ("GET", "/docs/assets/Kx1Qz", "unmatched", 404),
    ("POST", "/predict", "/predict", 415),
    ("POST", "/train?seed=Kx1Qz", "/train", 422),
    ("PATCH", "/train", "/train", 405),
    ("HEAD", "/livez", "/livez", 405),
    ("GET", "/samples/promotions.csv", "/samples/promotions.csv", 200),
    ("GET", "/docs", "/docs", 200),
]


def test_one_line_a_request(logged):
    service, log = logged()
    for method, path, route, status in REQUESTS:
        answer = service.send(method, path)
        (line,) = log()
        assert set(line) == {
            "timestamp", "level", "event", "request_id", "method", "route", "status", "milliseconds",
        }  # fmt: skip
        assert (line["method"], line["route"], line["status"]) == (method, route, status)
        assert (line["level"], line["event"], answer.status_code) == ("info", "request", status)
        assert answer.headers.get_list("X-Request-ID") == [line["request_id"]]
        assert datetime.fromisoformat(line["timestamp"]).utcoffset().total_seconds() == 0
        assert 0 < line["milliseconds"] < 60_000
        assert "Kx1Qz" not in json.dumps(line)


@pytest.mark.parametrize("request_id", ["a", "550e8400-e29b-41d4-a716-446655440000", "A.b_c-9" * 18, "0" * 128])
def test_a_well_formed_id_is_taken_over(logged, request_id):
    service, log = logged()
    for path in ("/livez", "/nowhere", "/model"):
        assert service.get(path, X_Request_ID=request_id).headers["X-Request-ID"] == request_id
    assert [line["request_id"] for line in log()] == [request_id] * 3


@pytest.mark.parametrize(
    "request_id", ["", "a b", "0" * 129, "a\tb", "{x}", "é".encode().decode("latin-1"), 'a"b', "a,b"]
)
def test_any_other_id_is_replaced(logged, request_id):
    service, log = logged()
    headers = {"X-Request-ID": request_id.encode("latin-1")}
    new = [service.send("GET", "/livez", headers=headers).headers["X-Request-ID"] for _ in range(3)]
    assert len(set(new)) == 3
    assert all(re.fullmatch(r"[0-9a-f]{16}-[0-9a-f]+", one) for one in new)
    assert [line["request_id"] for line in log()] == new


@pytest.mark.parametrize(
    "traceparent", [f"00-{TRACE}-{PARENT}-01", f"00-{TRACE}-{PARENT}-00", f"cc-{TRACE}-{PARENT}-01-later"]
)
def test_the_callers_trace_id_stands_in_the_line(logged, traceparent):
    service, log = logged()
    service.get("/livez", traceparent=traceparent)
    service.post("/train", b"{")
    traced, untraced = log()
    assert traced["trace_id"] == TRACE
    assert "trace_id" not in untraced


@pytest.mark.parametrize(
    "traceparent",
    [
        "",
        TRACE,
        f"00-{'0' * 32}-{PARENT}-01",
        f"00-{TRACE}-{'0' * 16}-01",
        f"ff-{TRACE}-{PARENT}-01",
        f"00-{TRACE.upper()}-{PARENT}-01",
        f"00-{TRACE[1:]}-{PARENT}-01",
        f"00-{TRACE}-{PARENT}-01-more",
        f"00-{TRACE}-{PARENT}",
        f"00-{TRACE}0-{PARENT}-01",
    ],
)
def test_an_invalid_traceparent_is_left_out(logged, traceparent):
    service, log = logged()
    assert service.get("/livez", traceparent=traceparent).json() == {"alive": True}
    (line,) = log()
    assert "trace_id" not in line

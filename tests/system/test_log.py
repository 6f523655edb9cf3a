"""The log: JSON lines, one a request, and nothing of the records."""

import json
import socket
from contextlib import closing

from tests.waiting import until

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
SECRET_ID, SECRET_YEARS, SECRET_SCORE = "Ada-Lovelace-1815", 17.734251, 61.884213
RECORD = {"employee_id": SECRET_ID, "years_of_experience": SECRET_YEARS, "performance_score": SECRET_SCORE}
SECRETS = (SECRET_ID, "Ada", "17.734", "61.884")


def test_one_json_line_a_request_and_no_record_in_it(server, sample):
    server = server()
    client, sent = server.client, []

    def send(method, path, **request):
        request_id = f"request.{len(sent)}"
        headers = {"X-Request-ID": request_id, "traceparent": f"00-{TRACE}-00f067aa0ba902b7-01"}
        headers |= request.pop("headers", {})
        answer = client.request(method, path, headers=headers, **request)
        assert answer.headers["X-Request-ID"] == request_id
        sent.append((request_id, method, answer.status_code))
        return answer

    csv = {"headers": {"Content-Type": "text/csv"}}
    row = f"{SECRET_ID},{SECRET_YEARS},{SECRET_SCORE}"
    send("POST", "/train", content=sample.encode() + f"{row},true\n".encode(), **csv)
    send("POST", "/predict", json={"employees": [RECORD]})
    send("POST", "/predict", content=f"employee_id,years_of_experience,performance_score\n{row}\n".encode(), **csv)
    # Everything that can be wrong, each with the record in it.
    send("POST", "/predict", json={"employees": [RECORD | {"performance_score": SECRET_ID}]})
    send("POST", "/predict", json={"employees": [RECORD | {SECRET_ID: SECRET_YEARS}]})
    send(
        "POST", "/predict", content=f'{{"employees": [{{"employee_id": "{SECRET_ID}",'.encode(), headers=csv["headers"]
    )
    send("POST", "/predict", content=f"{row}\n{row}\n".encode(), **csv)
    send("POST", "/train", json={"employees": [RECORD | {"promoted": True}]})
    send("POST", f"/predict?{SECRET_ID}={SECRET_YEARS}", json={"employees": [RECORD]})
    send("GET", f"/{SECRET_ID}")
    send("GET", f"/model/versions/{SECRET_ID}")
    send("GET", f"/problems/{SECRET_ID}?score={SECRET_SCORE}")
    send("PUT", "/model", json={"version": SECRET_SCORE})
    send("DELETE", f"/predict?who={SECRET_ID}", headers={"X-Employee": SECRET_ID})
    assert [status for _, _, status in sent] == [201, 200, 200, 422, 422, 422, 422, 422, 422, 404, 404, 422, 422, 405]
    with closing(socket.create_connection(server.address)) as caller:
        caller.sendall(f"{SECRET_ID} is no HTTP\r\n\r\n".encode())
        assert caller.recv(1000).startswith(b"HTTP/1.1 400 ")

    def requests():
        lines = [json.loads(line) for line in server.stdout]
        return [line for line in lines if line["event"] == "request" and line["route"] != "/readyz"]

    until(lambda: len(requests()) >= len(sent), "every request is logged")
    server.stop()
    assert [(line["request_id"], line["method"], line["status"]) for line in requests()] == sent
    for line in requests():
        assert line["trace_id"] == TRACE
        assert line["milliseconds"] > 0
        assert set(line) == {
            "timestamp", "level", "event", "request_id", "method", "route", "status", "milliseconds", "trace_id",
        }  # fmt: skip
    assert {line["route"] for line in requests()} == {
        "/train", "/predict", "/model", "unmatched", "/model/versions/{version}", "/problems/{code}",
    }  # fmt: skip
    assert not [secret for secret in SECRETS if secret in server.output]

"""One error shape for every status, and nothing of the inside in it."""

from __future__ import annotations

import logging

import pytest

from app import create_app
from database import Refused, Unavailable
from stories.config import Config
from stories.web import services as services_module
from tests.support import basic, event

AUTH = basic("admin", "admin")


def check_shape(answer, status, code):
    """{"success": false, "error": sentence, "code": reason, "details": [...]}, of what is our own
    fault the request_id, and nothing else."""
    assert answer.status_code == status
    assert answer.mimetype == "application/json"
    body = answer.json
    assert set(body) == {"success", "error", "code", "details"} | (
        {"request_id"} if status >= 500 else set()
    )
    assert body["success"] is False
    assert body["code"] == code
    assert isinstance(body["error"], str)
    assert body["error"]
    assert isinstance(body["details"], list)
    assert all({"code", "error"} <= set(entry) for entry in body["details"])
    return body


def test_400_of_a_parameter_names_it(client):
    body = check_shape(client.get("/events?limit=0", headers=AUTH), 400, "invalid_parameter")
    assert body["error"] == "limit must be between 1 and 1000"
    assert body["details"] == [
        {"parameter": "limit", "code": "invalid_parameter", "error": body["error"]}
    ]


def test_400_of_a_body_tells_every_item(client):
    answer = client.post("/track", json={"events": [event(event="nope")]})
    [entry] = check_shape(answer, 400, "unknown_event")["details"]
    assert set(entry) == {"index", "code", "error"}


def test_401_asks_for_the_login(client):
    answer = client.get("/stats")
    check_shape(answer, 401, "login_required")
    assert answer.headers["WWW-Authenticate"].startswith("Basic realm=")


def test_401_of_an_app_key(client):
    answer = client.post("/track", json={"events": []}, headers={"X-App-Key": "no"})
    check_shape(answer, 401, "unknown_app_key")


def test_403_of_another_site(client):
    answer = client.post("/cleanup", headers={**AUTH, "Origin": "https://evil.example"})
    check_shape(answer, 403, "cross_site")


@pytest.mark.parametrize("path", ["/nothing", "/track/", "/events/1", "/static/../app.py", "/%00"])
def test_404(client, path):
    check_shape(client.get(path), 404, "not_found")


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [("GET", "/track", "POST"), ("DELETE", "/crash", "POST"), ("POST", "/health", "GET")],
)
def test_405_says_which_methods_there_are(client, method, path, allowed):
    answer = client.open(path, method=method)
    check_shape(answer, 405, "method_not_allowed")
    assert allowed in answer.headers["Allow"]


def test_413_of_a_body(client):
    answer = client.post("/track", data=b" " * (5 * 1024 * 1024 + 1))
    check_shape(answer, 413, "body_too_large")


def test_413_of_items(client):
    answer = client.post("/track", data='{"events": [' + ",".join("1" * 5001) + "]}")
    check_shape(answer, 413, "too_many_items")


def test_415_of_an_unknown_coding(client):
    answer = client.post("/track", data=b"x", headers={"Content-Encoding": "zstd"})
    check_shape(answer, 415, "unsupported_encoding")


def test_429_says_when_to_come_back(dsn):
    app = create_app(Config(run_jobs=False, ratelimit_ingest=1), dsn)
    client = app.test_client()
    client.post("/track", json={"events": []})
    answer = client.post("/track", json={"events": []})
    check_shape(answer, 429, "too_many_requests")
    assert int(answer.headers["Retry-After"]) > 0
    app.extensions["stories"].database.close()


def fail_with(app, monkeypatch, error):
    def failing(*_args, **_kwargs):
        raise error

    for name in ("all", "read_now"):
        monkeypatch.setattr(app.extensions["stories"].apps, name, failing)


def test_500_is_logged_and_leaks_nothing(app, client, monkeypatch):
    lines = []

    class Kept(logging.Handler):
        def emit(self, record):
            lines.append(self.format(record))

    handler = Kept()
    logging.getLogger("stories").addHandler(handler)
    fail_with(app, monkeypatch, RuntimeError("the secret at /home/me/app.py"))
    try:
        answer = client.post("/track", json={"events": [event()]})
    finally:
        logging.getLogger("stories").removeHandler(handler)
    check_shape(answer, 500, "internal_error")
    assert b"secret" not in answer.data
    assert b"RuntimeError" not in answer.data
    assert b"home" not in answer.data
    [line] = lines
    assert "Traceback" in line
    assert "the secret at" in line


def test_503_says_when_to_come_back(app, client, monkeypatch):
    fail_with(app, monkeypatch, Unavailable("the database is away"))
    answer = client.post("/track", json={"events": [event()]})
    check_shape(answer, 503, "database_unavailable")
    assert int(answer.headers["Retry-After"]) > 0


def test_a_value_that_postgresql_refuses_is_a_400(app, client, monkeypatch):
    fail_with(app, monkeypatch, Refused("value out of range"))
    check_shape(client.get("/apps", headers=AUTH), 400, "invalid_value")


@pytest.mark.parametrize(
    "query",
    [
        "user_id=%00",
        "app_version=%00",
        "cursor=%F0",
        "cursor=AAAA",
        "start_date=9999-12-31",
        "end_date=9999-12-31",
        "start_date=0001-01-01",
        "limit=%D9%A1%D9%A1",
        "limit=" + "9" * 5000,
        "limit=1_0",
        "start_date=2026-11-21T10:00:00%2B99:99",
        "session_id=" + "x" * 201,
        "app=%F0%9F%92%A3",
    ],
)
def test_hostile_parameters_are_never_a_500(client, query):
    for path in ("/events", "/crashes", "/stats"):
        answer = client.get(f"{path}?{query}", headers=AUTH)
        assert answer.status_code in (200, 400), (path, query)
        assert answer.json["success"] is (answer.status_code == 200)


def test_a_clock_that_tests_put_in_place_is_the_one_that_is_asked(app):
    with app.test_request_context():
        app.config["NOW"] = lambda: "then"
        assert services_module.now() == "then"

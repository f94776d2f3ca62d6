"""A worker with more to do than it can refuses in plain words, and says when to come again."""

from __future__ import annotations

import json
import re
import select
import socket
from contextlib import ExitStack
from typing import Any

import gevent
import psycopg2
import pytest
from gunicorn.workers import ggevent  # type: ignore[import-untyped]

from stories.config import Config
from stories.web import load_shedding, worker
from stories.web.health import HealthProbe
from stories.web.load_shedding import LoadShedding
from stories.web.slow_clients import Body
from tests.support import event

AT_WORK = load_shedding.MAX_WORKING


@pytest.fixture(autouse=True)
def _at_most_two(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(load_shedding, "MAX_WORKING", 2)


class Health(HealthProbe):
    """A probe whose last answer is fresh."""

    def __init__(self) -> None:
        pass

    def kept_answer(self) -> bytes | None:
        return b"{}"


def guarded(app: Any = None, **settings: Any) -> LoadShedding:
    config = Config(**settings)
    origins = [part.strip() for part in config.cors_origins.split(",")]
    cors = {"^/track$": {"origins": origins, "expose_headers": ["Retry-After"]}}
    return LoadShedding(app, cors, config, Health())


def is_full_with(count: int, method: str = "POST") -> bool:
    """Whether one more post would be refused while so many requests are inside the app."""
    found: list[bool] = []

    def app(environ: Any, start_response: Any) -> list[bytes]:
        if environ["left"] > 1:
            wsgi({**environ, "left": environ["left"] - 1}, start_response)
        else:
            found.append(LoadShedding.must_refuse("POST", "/track"))
        return [b"done"]

    wsgi = guarded(app)
    wsgi({"REQUEST_METHOD": method, "left": count}, None)
    return found[0]


def test_a_worker_is_full_at_its_limit_of_posts_and_not_before():
    assert not is_full_with(1)
    assert is_full_with(2)
    assert not LoadShedding.must_refuse("POST", "/track")


def test_reads_count_as_posts_do():
    assert not is_full_with(1, "GET")
    assert is_full_with(2, "GET")


@pytest.mark.parametrize("crowded", [True, False])
def test_reads_of_a_crowd_are_refused_while_rounds_of_the_event_loop_are_slow(monkeypatch, crowded):
    monkeypatch.setattr(load_shedding, "LAG_SECONDS", -1)
    monkeypatch.setattr(load_shedding, "CROWDED", 1)
    monkeypatch.setattr(LoadShedding, "_reads_from", 0.0)
    with ExitStack() as crowd:
        if crowded:
            crowd.enter_context(LoadShedding.connected())
        watching = gevent.spawn(LoadShedding.watch_lag)
        gevent.sleep(3 * load_shedding.LAG_EVERY)
        watching.kill()
    assert LoadShedding.must_refuse("GET", "/docs") is crowded
    assert not LoadShedding.must_refuse("POST", "/track")


def test_health_is_answered_with_its_last_answer_and_by_the_app_when_that_is_old(monkeypatch):
    answer = guarded().refusal("GET", "/health", {}, "close") or b""
    assert answer.startswith(b"HTTP/1.1 200 OK\r\n")
    assert b"Retry-After" not in answer
    monkeypatch.setattr(Health, "kept_answer", lambda self: None)
    assert guarded().refusal("GET", "/health", {}, "close") is None


def test_reads_are_refused_before_posts(monkeypatch):
    monkeypatch.setattr(load_shedding, "MAX_READING", 1)
    refused = []

    def app(environ: Any, start_response: Any) -> None:
        for method, path in (("GET", "/docs"), ("POST", "/track"), ("OPTIONS", "/track")):
            refused.append(LoadShedding.must_refuse(method, path))

    guarded(app)({"REQUEST_METHOD": "GET"}, None)
    assert refused == [True, False, False]
    guarded(guarded(app))({"REQUEST_METHOD": "POST"}, None)
    assert refused[3:] == [True, True, True]


def test_who_is_still_sending_a_body_takes_nobodys_place():
    with Body():
        assert not is_full_with(2)
    assert is_full_with(2)


def test_a_request_that_fails_makes_room_again():
    def app(environ: Any, start_response: Any) -> list[bytes]:
        raise ZeroDivisionError

    wsgi = guarded(app)
    for _ in range(5):
        with pytest.raises(ZeroDivisionError):
            wsgi({"REQUEST_METHOD": "POST"}, None)
    assert not LoadShedding.must_refuse("POST", "/track")


def refused(
    settings: dict[str, Any], sent: dict[str, str], path: str = "/track"
) -> tuple[dict[str, str], bytes]:
    """Headers and body of a refusal."""
    answer = guarded(**settings).refusal("POST", path, sent, "keep-alive") or b""
    head, _, body = answer.partition(b"\r\n\r\n")
    status, *lines = head.decode().split("\r\n")
    assert status == "HTTP/1.1 503 Service Unavailable"
    return dict(line.split(": ", 1) for line in lines), body


def test_a_refusal_says_why_and_when_to_come_again():
    headers, body = refused({}, {})
    assert int(headers["Retry-After"]) > 0
    assert int(headers["Content-Length"]) == len(body)
    answer = json.loads(body)
    assert (answer["success"], answer["code"]) == (False, "busy")


@pytest.mark.parametrize(
    "path", ["/api/7/envelope/", "/api/7/envelope", "/api/7/store/", "/api/tunnel"]
)
def test_an_sdk_of_sentrys_is_told_in_its_own_words_when_to_come_again(path):
    assert refused({}, {}, path)[0]["X-Sentry-Rate-Limits"] == "1::organization"
    assert "X-Sentry-Rate-Limits" not in refused({}, {}, "/api/7/envelopes")[0]


@pytest.mark.parametrize(
    ("path", "origin", "allowed"),
    [
        ("/track", "https://a.example", True),
        ("/track", "https://evil.example", False),
        ("/apps", "https://a.example", False),
    ],
)
def test_only_a_page_that_may_send_may_read_the_refusal(path, origin, allowed):
    settings = {"cors_origins": "https://a.example, https://b.example"}
    headers, _ = refused(settings, {"ORIGIN": origin}, path)
    assert (headers.get("Access-Control-Allow-Origin") == origin) is allowed
    assert ("Access-Control-Allow-Origin" in headers) is allowed
    assert (headers.get("Access-Control-Expose-Headers") == "Retry-After") is allowed


def test_a_refusal_has_an_id_and_a_proxys_is_kept():
    sent = {"X-REQUEST-ID": "proxy-4711.a_b"}
    headers, body = refused({}, sent)
    assert re.fullmatch("[0-9a-f]{16}", headers["X-Request-Id"])
    assert json.loads(body)["request_id"] == headers["X-Request-Id"]
    behind, _ = refused({"trusted_proxies": 1}, sent)
    assert behind["X-Request-Id"] == "proxy-4711.a_b"


def test_a_crowded_worker_takes_in_many_connections_at_a_time_and_an_empty_one_leaves_some_to_others():
    # The name under which gunicorn looks for it, and what it then sets.
    server = ggevent.StreamServer(("127.0.0.1", 0), handle=print)
    server.max_accept = 1
    with ExitStack() as crowd:
        for _ in range(load_shedding.CROWDED - 1):
            crowd.enter_context(LoadShedding.connected())
        assert server.max_accept == 1
        crowd.enter_context(LoadShedding.connected())
        assert server.max_accept == worker.ACCEPT_CROWDED
    assert server.max_accept == 1


def test_a_real_server_refuses_a_page_so_that_it_can_read_it_and_keeps_the_connection(serve, dsn):
    port = serve().port
    body = json.dumps({"events": [event()]}).encode()
    wire = (
        b"POST /track HTTP/1.1\r\nHost: localhost\r\nOrigin: https://a.example\r\n"
        b"Content-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body) + body
    )
    closing = wire.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n", 1)
    with ExitStack() as crowd:
        holder = psycopg2.connect(dsn)
        crowd.callback(holder.close)
        holder.cursor().execute("lock table events in exclusive mode")  # no append ends before it
        clients = []
        for _ in range(2 * AT_WORK + 1):  # there are two workers
            clients.append(crowd.enter_context(socket.create_connection(("127.0.0.1", port))))
            clients[-1].sendall(wire)
        one = select.select(clients, [], [], 8)[0][0]
        assert_refused_to_a_page(one.recv(65536))
        one.sendall(b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n")
        one.settimeout(8)
        answer = b""
        while not answer.endswith(b"}"):  # head and body may come apart
            answer += one.recv(65536)
        assert answer.startswith(b"HTTP/1.1 200")
        one.sendall(closing)
        assert b"\r\nConnection: close\r\n" in one.recv(65536)
        assert one.recv(65536) == b""


def assert_refused_to_a_page(answer: bytes) -> None:
    head = answer.partition(b"\r\n\r\n")[0].decode().split("\r\n")
    headers = dict(line.split(": ", 1) for line in head[1:])
    assert head[0] == "HTTP/1.1 503 Service Unavailable"
    assert headers["Access-Control-Allow-Origin"] in ("*", "https://a.example")
    assert "Retry-After" in headers["Access-Control-Expose-Headers"]
    assert int(headers["Retry-After"]) > 0
    assert headers["X-Request-Id"]

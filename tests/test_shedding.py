"""A worker with more to do than it can refuses in plain words, and says when to come again."""

from __future__ import annotations

import json
import re
import select
import socket
from contextlib import ExitStack
from typing import Any

import psycopg2
import pytest

from config import Config
from tests.support import event
from web import shedding
from web.patience import Body
from web.shedding import Shedding

AT_WORK = shedding.MAX_WORKING
Answer = tuple[str, dict[str, str], Any]


@pytest.fixture(autouse=True)
def _at_most_two(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shedding, "MAX_WORKING", 2)


def guarded(app: Any, **settings: Any) -> Shedding:
    return Shedding(app, Config(**settings), "^/track$")


def ask(wsgi: Any, method: str = "POST", **environ: str) -> Answer:
    told: list[Any] = []
    environ = {"REQUEST_METHOD": method, "PATH_INFO": "/track", **environ}
    body = b"".join(wsgi(environ, lambda *args: told.extend(args)))
    return told[0], dict(told[1]), body


def at_work(count: int, method: str = "POST") -> Answer:
    """The answer to one more request while so many posts are inside the app."""
    found: list[Answer] = []

    def app(environ: Any, start_response: Any) -> list[bytes]:
        nonlocal count
        count -= 1
        if count >= 0:
            found.append(ask(wsgi, method if count == 0 else "POST"))
        start_response("200 OK", [])
        return [b"done"]

    wsgi = guarded(app)
    ask(wsgi)
    return found[0]  # the innermost


def test_it_refuses_a_post_past_the_limit_and_says_when_to_come_again():
    status, headers, body = at_work(2)
    assert status == "503 Service Unavailable"
    assert int(headers["Retry-After"]) > 0
    assert int(headers["Content-Length"]) == len(body)
    answer = json.loads(body)
    assert (answer["success"], answer["code"]) == (False, "busy")


def test_it_takes_a_post_within_the_limit():
    assert at_work(1)[0] == "200 OK"


def test_it_lets_a_read_through_however_many_posts_are_at_work():
    assert at_work(2, "GET")[0] == "200 OK"


def test_who_is_still_sending_a_body_takes_nobodys_place():
    with Body():
        assert at_work(2)[0] == "200 OK"
    assert at_work(2)[0] == "503 Service Unavailable"


def test_a_request_that_fails_makes_room_again():
    def app(environ: Any, start_response: Any) -> list[bytes]:
        raise ZeroDivisionError

    wsgi = guarded(app)
    for _ in range(5):
        with pytest.raises(ZeroDivisionError):
            ask(wsgi)


def refused(monkeypatch: pytest.MonkeyPatch, settings: dict[str, Any], **environ: str) -> Answer:
    monkeypatch.setattr(shedding, "MAX_WORKING", 0)
    return ask(guarded(None, **settings), **environ)


@pytest.mark.parametrize(
    ("path", "origin", "allowed"),
    [
        ("/track", "https://a.example", True),
        ("/track", "https://evil.example", False),
        ("/apps", "https://a.example", False),
    ],
)
def test_only_a_page_that_may_send_may_read_the_refusal(monkeypatch, path, origin, allowed):
    settings = {"cors_origins": "https://a.example, https://b.example"}
    headers = refused(monkeypatch, settings, PATH_INFO=path, HTTP_ORIGIN=origin)[1]
    assert (headers.get("Access-Control-Allow-Origin") == origin) is allowed
    assert ("Access-Control-Allow-Origin" in headers) is allowed
    assert (headers.get("Access-Control-Expose-Headers") == "Retry-After") is allowed


def test_a_refusal_has_an_id_and_a_proxys_is_kept(monkeypatch):
    sent = {"HTTP_X_REQUEST_ID": "proxy-4711.a_b"}
    _, headers, body = refused(monkeypatch, {}, **sent)
    assert re.fullmatch("[0-9a-f]{16}", headers["X-Request-Id"])
    assert json.loads(body)["request_id"] == headers["X-Request-Id"]
    behind = refused(monkeypatch, {"trusted_proxies": 1}, **sent)[1]
    assert behind["X-Request-Id"] == "proxy-4711.a_b"


def test_a_real_server_refuses_a_page_so_that_it_can_read_it_and_keeps_the_connection(serve, dsn):
    port = serve().port
    body = json.dumps({"events": [event()]}).encode()
    wire = (
        b"POST /track HTTP/1.1\r\nHost: localhost\r\nOrigin: https://a.example\r\n"
        b"Content-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body) + body
    )
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
        assert one.recv(65536).startswith(b"HTTP/1.1 200")


def assert_refused_to_a_page(answer: bytes) -> None:
    head = answer.partition(b"\r\n\r\n")[0].decode().split("\r\n")
    headers = dict(line.split(": ", 1) for line in head[1:])
    assert head[0] == "HTTP/1.1 503 Service Unavailable"
    assert headers["Access-Control-Allow-Origin"] in ("*", "https://a.example")
    assert "Retry-After" in headers["Access-Control-Expose-Headers"]
    assert int(headers["Retry-After"]) > 0
    assert headers["X-Request-Id"]

"""Slow clients do not hold up others: stories/web/slow_clients.py, and a greenlet a connection."""

from __future__ import annotations

import json
import socket
import urllib.request
from contextlib import ExitStack
from io import BytesIO

import gevent
import gevent.monkey

from stories.web import slow_clients
from tests.support import event

HALF_A_HEAD = b"POST /track HTTP/1.1\r\nHost: localhost\r\nContent-"
HALF_A_BODY = (
    b"POST /track HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    b'Content-Length: 5000\r\n\r\n{"events": ['
)


def test_others_are_served_while_two_hundred_clients_send_half_a_request(serve):
    running = serve()
    with ExitStack() as crowd:
        for sent in (b"", HALF_A_HEAD, HALF_A_BODY) * 67:
            one = crowd.enter_context(socket.create_connection(("127.0.0.1", running.port)))
            one.sendall(sent)
        body = json.dumps({"events": [event()]}).encode()
        with urllib.request.urlopen(f"{running.url}/track", body, timeout=10) as answer:
            assert json.load(answer)["events_stored"] == 1


class Dripping(BytesIO):
    """A body of which each byte takes a tenth of a second."""

    def read(self, size: int | None = -1) -> bytes:
        gevent.sleep(0.1)
        return b" "


def test_a_body_that_takes_too_long_is_refused(client, monkeypatch):
    monkeypatch.setattr(slow_clients, "BODY_SECONDS", 0.3)
    monkeypatch.setattr(gevent.monkey, "is_module_patched", lambda name: True)
    answer = client.post("/track", input_stream=Dripping(b" " * 1000))
    assert (answer.status_code, answer.json["code"]) == (408, "body_too_slow")


def test_large_bodies_that_are_too_many_at_once_are_put_off_and_small_ones_are_not(
    client, monkeypatch
):
    monkeypatch.setattr(slow_clients, "BODIES_BYTES", 100_000)
    large = json.dumps({"events": [event() for _ in range(1000)]})
    refused = client.post("/track", data=large)
    assert (refused.status_code, refused.json["code"]) == (503, "busy")
    assert refused.headers["Retry-After"] == "1"
    for _ in range(3):  # nothing of the refused one is held any more
        assert client.post("/track", json={"events": [event()] * 50}).status_code == 200


def test_what_has_been_read_is_no_longer_held(client, monkeypatch):
    monkeypatch.setattr(slow_clients, "BODIES_BYTES", 400_000)
    large = json.dumps({"events": [event() for _ in range(1000)]})
    for _ in range(5):
        assert client.post("/track", data=large).status_code == 200

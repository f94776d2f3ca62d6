"""Tricks below HTTP's surface, written byte by byte to a real gunicorn: two requests in one, paths that
say one thing and mean another, hosts and methods that headers claim."""

from __future__ import annotations

import json
import socket

import pytest

from tests.support import event
from tools.server import Server

LOGIN = b"Authorization: Basic YWRtaW46YWRtaW4=\r\n"
BODY = json.dumps({"events": [event()]}).encode()
SECOND = b"GET /apps HTTP/1.1\r\nHost: x\r\n" + LOGIN + b"\r\n"


@pytest.fixture(scope="module")
def server(postgres):
    """One for all: nothing here leaves anything behind that another would notice."""
    dsn = postgres.replace("/stories_analytics?", "/template_stories?")
    started = Server(dsn, WEB_CONCURRENCY="1", RUN_JOBS="false", TRUSTED_PROXIES="0")
    yield started.wait()
    started.stop()


def talk(server, wire: bytes) -> list[int]:
    """The statuses of all answers to these bytes, until the server closes or waits for more."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as connection:
        try:
            connection.sendall(wire)
            connection.shutdown(socket.SHUT_WR)
        except OSError:
            pass
        got = b""
        try:
            while piece := connection.recv(65536):
                got += piece
        except OSError:
            pass
    return [int(part.split(b" ")[0]) for part in got.split(b"HTTP/1.1 ")[1:]]


SMUGGLED = [
    ("both lengths", b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n", b"0\r\n\r\n"),
    (
        "chunked, then a length",
        b"Transfer-Encoding: chunked\r\nContent-Length: 400\r\n",
        b"0\r\n\r\n",
    ),
    ("two lengths", b"Content-Length: 0\r\nContent-Length: 99\r\n", b""),
    ("a list of lengths", b"Content-Length: 0, 99\r\n", b""),
    ("a signed length", b"Content-Length: +0\r\n", b""),
    ("a length of two numbers", b"Content-Length: 0 99\r\n", b""),
    ("a negative length", b"Content-Length: -1\r\n", b""),
    ("a hexadecimal length", b"Content-Length: 0x0\r\n", b""),
    ("chunked by another name", b"Transfer-Encoding: xchunked\r\n", b""),
    (
        "chunked twice",
        b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
        b"0\r\n\r\n",
    ),
    ("chunked, then not", b"Transfer-Encoding: chunked, identity\r\n", b"0\r\n\r\n"),
    ("a name with a space", b"Transfer-Encoding : chunked\r\n", b"0\r\n\r\n"),
    ("a folded line", b"X: 1\r\n Transfer-Encoding: chunked\r\n", b"0\r\n\r\n"),
    ("a bare line feed in a header", b"X: 1\nTransfer-Encoding: chunked\r\n", b"0\r\n\r\n"),
    ("NUL in a header", b"X: a\0b\r\n", b""),
    (
        "an underscore that hides a dash",
        b"Content_Length: 99\r\nTransfer_Encoding: chunked\r\n",
        b"",
    ),
]


@pytest.mark.parametrize(("how", "headers", "body"), SMUGGLED, ids=[name for name, *_ in SMUGGLED])
def test_no_second_request_hides_in_a_body_whose_end_is_unclear(server, how, headers, body):
    """A proxy in front might see the other end of it: whatever follows must not be served."""
    statuses = talk(
        server, b"POST /track HTTP/1.1\r\nHost: x\r\n" + headers + b"\r\n" + body + SECOND
    )
    assert 500 not in statuses
    if how == "an underscore that hides a dash":  # a name like any other, and dropped
        assert statuses == [400, 200]
    else:
        assert statuses in ([400], [501], []), how


@pytest.mark.parametrize("size", [b"0x5\r\n", b"5 \r\n", b"-5\r\n", b"+5\r\n", b"ffffffffffffffff\r\n",
                                  b"\r\n", b"5\n"])  # fmt: skip
def test_a_chunk_of_an_unclear_size_serves_nothing_behind_it(server, size):
    head = b"POST /track HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
    statuses = talk(server, head + size + b"[1,2]\r\n0\r\n\r\n" + SECOND)
    assert statuses in ([400], []), size


HEADS = [
    (
        "a header of 100 KB",
        b"GET /health HTTP/1.1\r\nHost: x\r\nX: " + b"a" * 100_000 + b"\r\n\r\n",
    ),
    ("a path of 100 KB", b"GET /" + b"a" * 100_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n"),
    ("10,000 headers", b"GET /health HTTP/1.1\r\nHost: x\r\n" + b"A: b\r\n" * 10_000 + b"\r\n"),
    ("no method", b" / HTTP/1.1\r\n\r\n"),
    ("HTTP/9", b"GET / HTTP/9.9\r\nHost: x\r\n\r\n"),
    ("binary", bytes(range(256)) * 20 + b"\r\n\r\n"),
    ("TLS", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\0" * 300),
    ("a proxy's own line", b"PROXY TCP4 1.1.1.1 2.2.2.2 1 2\r\nGET /health HTTP/1.1\r\n\r\n"),
]


@pytest.mark.parametrize(("what", "wire"), HEADS, ids=[name for name, _ in HEADS])
def test_what_is_no_request_is_refused_and_the_next_is_served(server, what, wire):
    statuses = talk(server, wire)
    assert not [status for status in statuses if status < 400 or status == 500], what
    assert talk(server, b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n") == [200]


PATHS = [
    "/static/../app.py",
    "/static/%2e%2e/app.py",
    "/static/..%2fapp.py",
    "/static/%2e%2e%2f%2e%2e%2fetc/passwd",
    "/static//etc/passwd",
    "/static/..%5capp.py",
    "/static/%00",
    "/static/dashboard/%2e%2e/%2e%2e/config.py",
    "/static/dashboard/../../app.py",
    "/static/dashboard/%2e%2e%2f%2e%2e%2fapp.py",
    "/images/..%2f..%2fapp.py",
    "/static/....//app.py",
    "/static/.",
    "/static/%252e%252e/app.py",
    "/docs/../apps",
    "/health/..%2fapps",
    "//apps",
    "/apps/",
    "/apps%2f",
    "/apps;x",
    "/apps%00",
    "/APPS",
    "/./apps",
    "/%61pps",
    "/health%2f..%2fapps",
    "http://evil.example/apps",
    "//evil.example/apps",
    "/track/../apps",
    "*",
    "apps",
]


@pytest.mark.parametrize("path", PATHS, ids=str)
def test_no_spelling_of_a_path_leads_around_the_login_or_out_of_the_folder(server, path):
    with_answers = f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode()
    for status in talk(server, with_answers):
        assert status in (301, 308, 400, 401, 404, 405), path


HOSTS = [
    b"evil.example",
    b"",
    b"a b",
    b"localhost@evil.example",
    b"[",
    b"x\xff",
    b"evil.example/x?",
]


@pytest.mark.parametrize("host", HOSTS)
def test_a_forged_host_is_in_no_open_answer(server, host):
    """A cache in front might keep it. (The dashboard shows its reader the address they came by.)"""
    for path in (b"/", b"/docs", b"/openapi.json", b"/health"):
        wire = b"GET " + path + b" HTTP/1.1\r\nHost: " + host + b"\r\nAccept: text/html\r\n"
        with socket.create_connection(("127.0.0.1", server.port), timeout=10) as connection:
            connection.sendall(wire + LOGIN + b"Connection: close\r\n\r\n")
            got = b""
            while piece := connection.recv(65536):
                got += piece
        assert b"evil.example" not in got
        assert b" 500 " not in got.split(b"\r\n")[0]


OVERRIDES = "X-HTTP-Method-Override X-HTTP-Method X-Method-Override X-Original-URL X-Rewrite-URL"


@pytest.mark.parametrize("name", [*OVERRIDES.split(), "X-Forwarded-Prefix", "X-Script-Name"])
def test_no_header_changes_the_method_or_the_path(server, name):
    wire = b"GET /health HTTP/1.1\r\nHost: x\r\n" + name.encode() + b": %b\r\n\r\n"
    assert talk(server, wire % b"DELETE") == talk(server, wire % b"/apps") == [200]


@pytest.mark.parametrize(
    ("path", "status"), [(b"/x/apps", 404), (b"/health", 200)], ids=["inside", "outside"]
)
def test_script_name_from_outside_is_ignored(server, path, status):
    """gunicorn by itself would take SCRIPT_NAME from a header that comes from loopback, where a proxy
    stands, and fail on a path outside it."""
    wire = b"GET " + path + b" HTTP/1.1\r\nHost: x\r\nSCRIPT_NAME: /x\r\n\r\n"
    assert talk(server, wire) == [status]

"""How a body is read: compressed, chunked, too large, cut short; on a real gunicorn where it matters."""

from __future__ import annotations

import gzip
import json
import socket
import subprocess
import zlib
from typing import Any

import brotli  # type: ignore[import-untyped]
import pytest

from models import MAX_BODY
from tests.support import event, gzip_bomb


def body(**changes):
    return json.dumps({"events": [event(**changes)]}).encode()


def raw_deflate(data):
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return packer.compress(data) + packer.flush()


@pytest.mark.parametrize(
    ("coding", "pack"),
    [
        ("gzip", gzip.compress),
        ("x-gzip", gzip.compress),
        ("GZIP", gzip.compress),
        ("gzip", lambda data: gzip.compress(data[:20]) + gzip.compress(data[20:])),
        ("deflate", zlib.compress),
        ("deflate", raw_deflate),
        ("br", brotli.compress),
        ("identity", bytes),
    ],
)
def test_it_unpacks_what_clients_send(client, coding, pack):
    answer = client.post("/track", data=pack(body()), headers={"Content-Encoding": coding})
    assert answer.json["events_stored"] == 1


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br"])
@pytest.mark.parametrize(
    "data",
    [
        b"not packed at all",
        gzip.compress(b"{}", mtime=0)[:-6],
        brotli.compress(b"{}" * 100)[:-2],
        brotli.compress(b"{}") + b"more",
    ],
    ids=["text", "cut short", "br cut short", "more behind"],
)
def test_it_refuses_what_is_not_packed_as_said(client, coding, data):
    answer = client.post("/track", data=data, headers={"Content-Encoding": coding})
    assert (answer.status_code, answer.json["code"]) == (400, "invalid_encoding")


@pytest.mark.parametrize(
    ("coding", "bomb"),
    [("deflate", b"\x03\x00" * (MAX_BODY // 2)), ("gzip", gzip.compress(b"") * 200_000)],
    ids=["deflate", "gzip"],
)
def test_a_body_of_countless_empty_parts_is_refused_at_once(client, coding, bomb):
    """Each part costs a copy of all that follows it: this took hours, with the worker standing still."""
    answer = client.post("/track", data=bomb, headers={"Content-Encoding": coding})
    assert (answer.status_code, answer.json["code"]) == (400, "invalid_encoding")
    assert "too many parts" in answer.json["error"]


def test_it_refuses_codings_it_does_not_know(client):
    answer = client.post("/track", data=body(), headers={"Content-Encoding": "zstd"})
    assert (answer.status_code, answer.json["code"]) == (415, "unsupported_encoding")


def test_it_takes_five_mebibytes_and_refuses_one_byte_more(client):
    good = body()
    assert client.post("/track", data=good.ljust(MAX_BODY)).status_code == 200
    answer = client.post("/track", data=good.ljust(MAX_BODY + 1))
    assert (answer.status_code, answer.json["code"]) == (413, "body_too_large")
    packed = gzip.compress(good.ljust(MAX_BODY + 1))
    answer = client.post("/track", data=packed, headers={"Content-Encoding": "gzip"})
    assert (answer.status_code, answer.json["code"]) == (413, "body_too_large")


def chunked(data: bytes, size: int = 8192, end: bool = True) -> bytes:
    parts = [data[at : at + size] for at in range(0, len(data), size)]
    wire = b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in parts)
    return wire + (b"0\r\n\r\n" if end else b"")


def talk(server, wire: bytes) -> tuple[int, Any]:
    """Send raw bytes, read one answer; a server that closes early is fine once it has answered."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=15) as connection:
        try:
            connection.sendall(wire)
        except (BrokenPipeError, ConnectionResetError):
            pass
        answer = b""
        while b"\r\n\r\n" not in answer:
            piece = connection.recv(65536)
            if not piece:
                break
            answer += piece
        head, _, rest = answer.partition(b"\r\n\r\n")
        length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
        while len(rest) < length:
            rest += connection.recv(65536)
    return int(head.split()[1]), json.loads(rest)


CHUNKED = b"POST /track HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n"


def test_chunked_bodies_are_read_whole_or_refused_never_cut(serve):
    server = serve()
    status, answer = talk(server, CHUNKED + b"\r\n" + chunked(body()))
    assert (status, answer["events_stored"]) == (200, 1)
    # With padding behind the limit a cut body would still be good JSON: it must be refused all the same.
    status, answer = talk(server, CHUNKED + b"\r\n" + chunked(body().ljust(MAX_BODY + 1), 65536))
    assert (status, answer["code"]) == (413, "body_too_large")
    packed = CHUNKED + b"Content-Encoding: gzip\r\n\r\n" + chunked(gzip.compress(body()))
    assert talk(server, packed)[0] == 200


def test_a_body_shorter_than_announced_is_no_event(serve):
    server = serve()
    head = b"POST /track HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 1000\r\n\r\n"
    with socket.create_connection(("127.0.0.1", server.port), timeout=15) as connection:
        connection.sendall(head + body()[:50])
        connection.shutdown(socket.SHUT_WR)
        answer = connection.recv(65536)
    assert answer == b"" or b" 400 " in answer.split(b"\r\n")[0] + b" "


def test_a_gzip_bomb_of_200_megabytes_is_refused_and_costs_no_memory(serve):
    server = serve(WEB_CONCURRENCY="1")
    bomb = gzip_bomb(b'{"events": [', b" ", 200)
    head = (
        b"POST /track HTTP/1.1\r\nHost: x\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n"
    )
    for _ in range(3):
        status, answer = talk(server, head % len(bomb) + bomb)
        assert (status, answer["code"]) == (413, "body_too_large")
    peaks = [peak for pid in workers(server) if (peak := peak_memory(pid))]
    assert peaks
    assert max(peaks) < 150 * 1024, "a worker grew with the bomb"


def workers(server) -> list[int]:
    found = subprocess.run(["pgrep", "-P", str(server.process.pid)], capture_output=True, text=True)
    return [int(pid) for pid in found.stdout.split()]


def peak_memory(pid: int) -> int:
    """The most memory a process ever had, in KiB."""
    with open(f"/proc/{pid}/status") as status:
        return next((int(line.split()[1]) for line in status if line.startswith("VmHWM")), 0)


@pytest.mark.parametrize(
    ("coding", "pack"), [("br", brotli.compress), ("gzip", gzip.compress)], ids=["br", "gzip"]
)
def test_a_small_body_that_unpacks_to_too_much_is_refused(client, coding, pack):
    bomb = pack(b" " * (MAX_BODY + 1))
    assert len(bomb) < MAX_BODY // 100
    answer = client.post("/track", data=bomb, headers={"Content-Encoding": coding})
    assert (answer.status_code, answer.json["code"]) == (413, "body_too_large")

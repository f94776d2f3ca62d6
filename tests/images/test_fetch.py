"""Fetching an image from an address that somebody else chose: nothing of ours is reached, ever."""

from __future__ import annotations

import socket
import ssl
import subprocess
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from stories.images.fetch import MAX_REDIRECTS, Fetcher
from stories.images.guard import is_public, target
from stories.images.outcomes import Rejected, TryAgain, retry_after
from stories.payloads.bot import MAX_IMAGE
from tests.images.cloudflare_standin import PNG
from tests.support import require

PUBLIC, OTHER_PUBLIC = "93.184.216.34", "2606:2800:220:1::1"

PRIVATE = [
    "127.0.0.1", "127.9.9.9", "10.0.0.1", "172.16.5.4", "192.168.1.1",  # loopback, private
    "169.254.169.254",  # link-local: the metadata of clouds
    "100.64.0.1",  # carrier-grade NAT
    "0.0.0.0", "224.0.0.1", "240.0.0.1", "255.255.255.255", "192.0.2.1", "198.18.0.1", "203.0.113.9",
    "::", "::1", "fe80::1", "fe80::1%eth0", "fc00::1", "fd12:3456::1", "ff02::1", "2001:db8::1",
    "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254",  # IPv4 in IPv6
    "::127.0.0.1",  # the older form of it
    "2002:7f00:1::", "2002:a00:1::1", "2002:5db8:d822::1",  # 6to4, of public addresses too
    "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::5db8:d822",  # NAT64
    "2001:0:5ef5:79fd:0:0:0:1",  # Teredo
    "no address",
]  # fmt: skip


@pytest.mark.parametrize("address", PRIVATE)
def test_an_address_that_is_not_on_the_open_internet_is_not_public(address):
    assert not is_public(address)


@pytest.mark.parametrize(
    "address", [PUBLIC, OTHER_PUBLIC, "8.8.8.8", "::ffff:8.8.8.8", "64:ff9b::808:808"]
)
def test_an_address_on_the_open_internet_is_public(address):
    assert is_public(address)


class Source:
    """A web server on loopback, and a network in which public addresses lead to it."""

    def __init__(self) -> None:
        self.names: dict[str, list[list[str]]] = {"pictures.example": [[PUBLIC]]}
        self.resolved: list[str] = []
        self.connected: list[str] = []
        self.asked: list[tuple[str, str]] = []
        self.headers: dict[str, str] = {}
        self.pages: dict[str, Any] = {"/a.png": (200, {}, PNG)}
        source = self

        class Handler(BaseHTTPRequestHandler):
            def log_message(self, *_):
                pass

            def do_GET(self):
                source.asked.append((self.headers["Host"], self.path))
                source.headers = dict(self.headers)
                page = source.pages.get(self.path, (404, {}, b""))
                if callable(page):
                    page(self)
                    return
                status, headers, body = page
                self.send_response(status)
                for key, value in headers.items():
                    self.send_header(key, value)
                self.end_headers()
                self.wfile.write(body)

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()

    def resolve(self, host, port):
        """Each question gets the name's next answer, the last one for good; an address is itself."""
        self.resolved.append(host)
        answers = self.names.get(host)
        if answers is None:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            return [entry[4][0] for entry in found]
        return answers.pop(0) if len(answers) > 1 else answers[0]

    def connect(self, address, port, seconds):
        self.connected.append(address)
        return socket.create_connection(("127.0.0.1", self.server.server_port), timeout=seconds)

    def fetcher(self, **options):
        return Fetcher(resolve=self.resolve, connect=self.connect, **options)


@pytest.fixture
def source():
    found = Source()
    yield found
    found.server.shutdown()
    found.server.server_close()


def refused(fetcher, url):
    with pytest.raises(Rejected) as rejected:
        fetcher.fetch(url)
    return rejected.value.code


def test_it_fetches_an_image(source):
    assert source.fetcher().fetch("http://pictures.example/a.png") == PNG
    assert source.connected == [PUBLIC]
    assert source.asked == [("pictures.example", "/a.png")]
    assert source.headers["Accept-Encoding"] == "identity"
    assert "Authorization" not in source.headers


def test_a_query_and_odd_characters_arrive_and_the_fragment_stays(source):
    source.pages["/b%20c/%C3%A4.png?x=1&y=%2F"] = (200, {}, PNG)
    assert source.fetcher().fetch("http://Pictures.Example/b c/ä.png?x=1&y=%2F#part") == PNG


@pytest.mark.parametrize("address", PRIVATE[:-1])
def test_a_name_of_a_forbidden_address_is_refused_before_any_connection(source, address):
    source.names["pictures.example"] = [[address]]
    assert refused(source.fetcher(), "http://pictures.example/a.png") == "forbidden_address"
    assert source.connected == []


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]",
        "2130706433", "0x7f000001", "0x7f.1", "0177.0.0.1", "127.1", "0",
    ],
)  # fmt: skip
def test_every_way_to_write_loopback_is_refused(source, host):
    assert refused(source.fetcher(), f"http://{host}/a.png") == "forbidden_address"
    assert source.connected == []


def test_of_several_addresses_only_the_public_ones_are_connected_to(source):
    source.names["pictures.example"] = [["10.0.0.1", "::1", PUBLIC]]
    assert source.fetcher().fetch("http://pictures.example/a.png") == PNG
    assert source.connected == [PUBLIC]


def test_the_next_address_is_tried_when_one_does_not_answer(source):
    source.names["pictures.example"] = [[OTHER_PUBLIC, PUBLIC]]

    def connect(address, port, seconds):
        if address == OTHER_PUBLIC:
            raise ConnectionRefusedError
        return source.connect(address, port, seconds)

    fetcher = Fetcher(resolve=source.resolve, connect=connect)
    assert fetcher.fetch("http://pictures.example/a.png") == PNG


def test_a_name_is_resolved_once_so_that_a_second_answer_changes_nothing(source):
    source.names["pictures.example"] = [[PUBLIC], ["127.0.0.1"]]
    assert source.fetcher().fetch("http://pictures.example/a.png") == PNG
    assert source.resolved == ["pictures.example"]
    assert source.connected == [PUBLIC]


def test_a_name_that_answers_differently_after_a_redirect_is_refused(source):
    source.names["pictures.example"] = [[PUBLIC], ["127.0.0.1"]]
    source.pages["/go"] = (302, {"Location": "/a.png"}, b"")
    assert refused(source.fetcher(), "http://pictures.example/go") == "forbidden_address"
    assert source.connected == [PUBLIC]


@pytest.mark.parametrize(
    ("location", "code"),
    [
        ("http://127.0.0.1/a.png", "forbidden_address"),
        ("http://169.254.169.254/latest/meta-data/", "forbidden_address"),
        ("//[::1]/a.png", "forbidden_address"),
        ("http://inside.example/a.png", "forbidden_address"),
        ("http://pictures.example:6379/a.png", "bad_address"),
        ("http://me:secret@pictures.example/a.png", "bad_address"),
        ("file:///etc/passwd", "bad_address"),
        ("gopher://pictures.example/", "bad_address"),
        ("", "source_refused"),
    ],
)
def test_a_redirect_goes_through_the_same_checks(source, location, code):
    source.names["inside.example"] = [["192.168.0.10"]]
    source.pages["/go"] = (301, {"Location": location}, b"")
    assert refused(source.fetcher(), "http://pictures.example/go") == code
    assert source.connected == [PUBLIC]


def test_three_redirects_are_followed_and_a_fourth_is_not(source):
    for number in range(1, 5):
        source.pages[f"/{number}"] = (307, {"Location": f"/{number - 1}"}, b"")
    source.pages["/0"] = (200, {}, PNG)
    assert source.fetcher().fetch(f"http://pictures.example/{MAX_REDIRECTS}") == PNG
    code = refused(source.fetcher(), f"http://pictures.example/{MAX_REDIRECTS + 1}")
    assert code == "too_many_redirects"


@pytest.mark.parametrize(
    "url",
    [
        "ftp://pictures.example/a.png",
        "http:///a.png",
        "http://user@pictures.example/a.png",
        "http://user:word@pictures.example/a.png",
        "http://@pictures.example/a.png",
        "http://pictures.example:8080/a.png",
        "http://pictures.example:notaport/a.png",
        "http://pictures.example:99999/a.png",
        "http://[::1/a.png",
        "http://[v1.a]/a.png",
        "http://pic tures.example/a.png",
        "http://pictures.example\\@127.0.0.1/a.png",
        f"http://{'a' * 64}ä.example/a.png",
        "http://-pictures.example/a.png",
        "//pictures.example/a.png",
    ],
)
def test_it_refuses_an_address_of_another_kind(source, url):
    assert refused(source.fetcher(), url) == "bad_address"
    assert source.connected == []


def test_other_ports_need_the_setting(source):
    url = "http://pictures.example:8080/a.png"
    assert source.fetcher(any_port=True).fetch(url) == PNG
    assert source.asked == [("pictures.example:8080", "/a.png")]


def test_the_line_breaks_of_an_address_start_no_header():
    found = target("http://pictures.example/a\r\nX-Injected: 1")
    assert not set("\r\n ") & set(found.path + found.authority)


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 204, 206])
def test_an_answer_that_says_no_is_final(source, status):
    source.pages["/a.png"] = (status, {}, b"")
    assert refused(source.fetcher(), "http://pictures.example/a.png") == "source_refused"


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503])
def test_an_answer_that_says_later_is_tried_again(source, status):
    source.pages["/a.png"] = (status, {"Retry-After": "120"}, b"")
    with pytest.raises(TryAgain) as later:
        source.fetcher().fetch("http://pictures.example/a.png")
    assert later.value.after == 120


def test_too_much_is_refused_by_its_announced_length(source):
    source.pages["/a.png"] = (200, {"Content-Length": str(MAX_IMAGE + 1)}, b"")
    assert refused(source.fetcher(), "http://pictures.example/a.png") == "image_too_large"


def test_too_much_is_refused_while_reading(source):
    source.pages["/a.png"] = (200, {}, PNG + b"x" * MAX_IMAGE)
    assert refused(source.fetcher(), "http://pictures.example/a.png") == "image_too_large"


def test_exactly_ten_megabytes_are_taken(source):
    source.pages["/a.png"] = (200, {}, PNG.ljust(MAX_IMAGE, b"x"))
    assert len(source.fetcher().fetch("http://pictures.example/a.png")) == MAX_IMAGE


def test_a_content_encoding_is_refused(source):
    source.pages["/a.png"] = (200, {"Content-Encoding": "gzip"}, PNG)
    assert refused(source.fetcher(), "http://pictures.example/a.png") == "bad_encoding"


def test_a_body_that_is_cut_short_is_tried_again(source):
    source.pages["/a.png"] = (200, {"Content-Length": str(len(PNG) + 1)}, PNG)
    with pytest.raises(TryAgain, match="in the middle"):
        source.fetcher().fetch("http://pictures.example/a.png")


@pytest.mark.parametrize("start", [b"", b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 200 OK\r\n\r\n"])
def test_a_server_that_drips_is_left_when_the_time_is_over(source, start):
    """A byte a moment keeps every single wait short: only a limit of the whole ends it."""
    stopped = threading.Event()

    def drip(handler):
        try:
            handler.wfile.write(start)
            for _ in range(500):
                handler.wfile.write(b"X")
                time.sleep(0.02)
        except OSError:
            stopped.set()

    source.pages["/a.png"] = drip
    with pytest.raises(TryAgain, match="in time"):
        source.fetcher(seconds=0.5).fetch("http://pictures.example/a.png")
    assert stopped.wait(10)  # the connection was closed


def test_a_name_that_cannot_be_resolved_is_tried_again(source):
    def resolve(host, port):
        raise socket.gaierror(socket.EAI_AGAIN, f"no answer for {host}")

    with pytest.raises(TryAgain) as later:
        Fetcher(resolve=resolve, connect=source.connect).fetch("http://pictures.example/a.png")
    assert "pictures" not in str(later.value)


def test_what_is_no_http_is_tried_again(source):
    source.pages["/a.png"] = lambda handler: handler.wfile.write(b"SSH-2.0-OpenSSH_9.9\r\n")
    with pytest.raises(TryAgain, match="could not be read"):
        source.fetcher().fetch("http://pictures.example/a.png")


@pytest.fixture
def certificate(tmp_path):
    key, cert = tmp_path / "key.pem", tmp_path / "cert.pem"
    subprocess.run(
        [require("openssl"), "req", "-x509", "-newkey", "ec", "-pkeyopt",
         "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj", "/CN=pictures.example",
         "-addext", "subjectAltName=DNS:pictures.example", "-keyout", key, "-out", cert],
        check=True, capture_output=True,
    )  # fmt: skip
    return key, cert


def test_https_names_and_checks_the_host_though_it_connects_to_an_address(source, certificate):
    key, cert = certificate
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(cert, key)
    named = []
    server.sni_callback = lambda _socket, name, _context: named.append(name)
    source.server.socket = server.wrap_socket(source.server.socket, server_side=True)
    source.names["elsewhere.example"] = [[PUBLIC]]
    trusting = source.fetcher(tls=ssl.create_default_context(cafile=str(cert)))
    assert trusting.fetch("https://pictures.example/a.png") == PNG
    with pytest.raises(TryAgain, match="SSLCertVerificationError"):
        trusting.fetch("https://elsewhere.example/a.png")
    with pytest.raises(TryAgain, match="SSLCertVerificationError"):
        source.fetcher().fetch("https://pictures.example/a.png")
    assert named == ["pictures.example", "elsewhere.example", "pictures.example"]
    assert source.asked == [("pictures.example", "/a.png")]


@pytest.mark.parametrize(
    ("header", "seconds"),
    [("7", 7), (" 120 ", 120), ("Fri, 21 Nov 1997 09:55:06 GMT", 0), ("", None), (None, None),
     ("soon", None), ("-1", None), ("1.5", None), ("²", None)],
)  # fmt: skip
def test_retry_after_is_read_as_seconds_or_a_date(header, seconds):
    assert retry_after(header) == seconds

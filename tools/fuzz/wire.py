"""A request written as on the wire, played to a WSGI app as gunicorn would; and what may come back."""

from __future__ import annotations

import io
import json
import signal
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote_to_bytes

from flask import Flask

HANG_SECONDS = 15  # some hundred times what the slowest answer takes


class Hung(BaseException):
    """An input took longer than any may. Not an Exception: no handler shall take it for its own."""


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes


@contextmanager
def watchdog(seconds: int = HANG_SECONDS) -> Iterator[None]:
    """Raises Hung in what runs under it for longer. Main thread only."""

    def late(*_: Any) -> None:
        raise Hung(f"still running after {seconds} s")

    before = signal.signal(signal.SIGALRM, late)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def environ(data: bytes) -> dict[str, Any]:
    """WSGI's view of a request. What gunicorn's own parser refuses (control characters in a header,
    a wrong length) is left out: tests/web/test_raw_http.py has a real one for that."""
    head, _, body = data.partition(b"\r\n\r\n")
    first, *lines = head.split(b"\r\n")
    method, target = [*first.split(b" "), b"", b""][:2]
    path, _, query = target.partition(b"?")
    variables: dict[str, Any] = {
        "REQUEST_METHOD": _header(method) or "GET",
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(path).decode("latin-1"),
        "QUERY_STRING": query.decode("latin-1"),
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "5000",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "198.51.100.7",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.errors": io.StringIO(),
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
    for line in lines:
        name, colon, value = line.partition(b":")
        if colon and name.replace(b"-", b"").isalnum():
            variables["HTTP_" + name.decode("latin-1").upper().replace("-", "_")] = _header(value)
    variables.pop("HTTP_CONTENT_LENGTH", None)
    variables["CONTENT_TYPE"] = variables.pop("HTTP_CONTENT_TYPE", "")
    variables["CONTENT_LENGTH"] = str(len(body))
    variables["wsgi.input"] = io.BytesIO(body)
    return variables


def _header(value: bytes) -> str:
    return "".join(char for char in value.decode("latin-1").strip() if char >= " ")


def play(app: Flask, data: bytes) -> Answer:
    """The app's answer. Raises AssertionError for one that no input may cause."""
    began: list[Any] = []

    def start(status: str, headers: list[tuple[str, str]], exc_info: Any = None, /) -> Any:
        began[:] = status, headers

    with watchdog():
        parts: Any = app.wsgi_app(environ(data), start)  # the test client would mend requests
        try:
            body = b"".join(parts)
        finally:
            if hasattr(parts, "close"):
                parts.close()
    status = int(began[0].split()[0])
    headers = {name.lower(): value for name, value in began[1]}
    answer = Answer(status, headers, body)
    _judge(answer)
    return answer


PAGES_THAT_REFUSE = tuple(
    f"<title>{title}</title>".encode()
    for title in (
        "Log in · Stories Analytics",
        "Choose a password · Stories Analytics",
        "This link has ended",
    )
)


def _judge(answer: Answer) -> None:
    assert answer.status < 500, f"{answer.status}: {answer.body[:300]!r}"
    kind = answer.headers.get("content-type", "")
    for name, value in answer.headers.items():
        assert not set("\r\n\0") & set(name + value), f"a header of several lines: {name}"
    if kind.startswith("text/html"):  # what people open: the login page, a link that has ended
        assert answer.status < 400 or any(title in answer.body for title in PAGES_THAT_REFUSE)
    elif answer.status >= 400:
        assert kind == "application/json", f"{answer.status} is {kind}"
        refusal = json.loads(answer.body)
        if refusal.keys() == {"detail"}:  # what sentry-cli prints
            return
        assert refusal["success"] is False
        assert {"error", "code", "details"} <= refusal.keys()
    elif kind == "application/json" and answer.body:
        json.loads(answer.body)


def statuses(
    app: Flask, inputs: Iterable[bytes], check: Callable[[bytes, Answer], None]
) -> Counter[int]:
    """How often each status came. check: judges each answer beside what always holds. Raises
    AssertionError naming the input that did harm."""
    seen: Counter[int] = Counter()
    for data in inputs:
        try:
            answer = play(app, data)
            check(data, answer)
            seen[answer.status] += 1
        except (Exception, Hung) as error:
            raise AssertionError(f"{error!r} after {data[:3000]!r}") from error
    return seen

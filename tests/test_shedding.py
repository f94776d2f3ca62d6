"""A worker with more to do than it can refuses in plain words, and says when to come again."""

from __future__ import annotations

import json
from typing import Any

import pytest

from web import shedding
from web.patience import Body
from web.shedding import Shedding

Answer = tuple[str, dict[str, str], Any]


@pytest.fixture(autouse=True)
def _at_most_two(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shedding, "MAX_WORKING", 2)


def ask(wsgi: Any, method: str = "POST") -> Answer:
    told: list[Any] = []
    body = b"".join(wsgi({"REQUEST_METHOD": method}, lambda *args: told.extend(args)))
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

    wsgi = Shedding(app)
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

    wsgi = Shedding(app)
    for _ in range(5):
        with pytest.raises(ZeroDivisionError):
            ask(wsgi)

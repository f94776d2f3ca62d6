"""A change holds at once in every worker of a real server, whichever a client is connected to."""

from __future__ import annotations

import json
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest

from tests.support import basic
from tests.web.accounts import OWNER, PASSWORD
from tools.server import Server, children

CONNECTIONS, MOST_CONNECTIONS = 12, 200


class Line:
    """One kept-alive connection, and so one worker, for as long as the server keeps it."""

    def __init__(self, server: Server) -> None:
        self._connection = HTTPConnection("127.0.0.1", server.port, timeout=30)

    def ask(self, method: str, path: str, headers: dict[str, str], body: Any = None) -> Any:
        try:
            return self._ask(method, path, headers, body)
        except ConnectionError as error:
            # A server may close a connection that idles, and a busy machine lets them idle for long.
            if method != "GET":
                raise
            print(f"connected again for {path}: {error!r}")
            self.close()
            return self._ask(method, path, headers, body)

    def _ask(self, method: str, path: str, headers: dict[str, str], body: Any) -> Any:
        sent = None if body is None else json.dumps(body)
        self._connection.request(method, path, sent, headers | {"Content-Type": "application/json"})
        answer = self._connection.getresponse()
        text = answer.read()
        is_json = answer.headers.get_content_type() == "application/json"
        return answer.status, json.loads(text) if is_json else text.decode()

    def close(self) -> None:
        self._connection.close()


class Lines:
    """Connections to one server, of which each of its two workers holds some."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._lines: list[Line] = []
        while len(self._lines) < CONNECTIONS or holding(server) < 2:
            self._add()

    def change(self, method: str, path: str, headers: dict[str, str], body: Any = None) -> Any:
        """On a connection of its own: what may have happened must not be sent a second time."""
        line = Line(self._server)
        try:
            return line.ask(method, path, headers, body)
        finally:
            line.close()

    def statuses(self, headers: dict[str, str]) -> set[int]:
        """Those with which both workers answer to GET /apps."""
        return {status for status, _ in self.answers("/apps", headers)}

    def answers(self, path: str, headers: dict[str, str]) -> list[tuple[int, Any]]:
        """What both workers answer: all lines are asked, and again with one more where those that
        were connected anew have left a worker without any."""
        answers = self._ask_all(path, headers)
        while holding(self._server) < 2:
            self._add()
            answers += self._ask_all(path, headers)
        return answers

    def close(self) -> None:
        for line in self._lines:
            line.close()

    def _add(self) -> None:
        assert len(self._lines) < MOST_CONNECTIONS, "both workers take connections"
        self._lines.append(Line(self._server))
        assert self._lines[-1].ask("GET", "/health", {})[0] == 200

    def _ask_all(self, path: str, headers: dict[str, str]) -> list[tuple[int, Any]]:
        return [line.ask("GET", path, headers) for line in self._lines]


@pytest.fixture
def lines(lasting_server: Server) -> Iterator[Lines]:
    opened = Lines(lasting_server)
    yield opened
    opened.close()


def holding(server: Server) -> int:
    """How many workers hold connections."""
    return sum(connections(pid, server.port) > 0 for pid in children(server.pid))


def connections(pid: int, port: int) -> int:
    """How many of a server's established connections a process holds."""
    established = {
        fields[9]
        for fields in map(str.split, Path("/proc/net/tcp").read_text().splitlines()[1:])
        if fields[1].endswith(f":{port:04X}") and fields[3] == "01"
    }
    held = 0
    for descriptor in Path(f"/proc/{pid}/fd").iterdir():
        try:
            held += str(descriptor.readlink())[len("socket:[") : -1] in established
        except OSError:
            continue  # closed meanwhile
    return held


def test_a_revoked_token_ends_in_both_workers(lines):
    asked = {"name": "build", "scopes": ["read"]}
    _, made = lines.change("POST", "/tokens", OWNER, asked)
    bearer = {"Authorization": f"Bearer {made['secret']}"}
    assert lines.statuses(bearer) == {200}
    assert lines.change("DELETE", f"/tokens/{made['token']['id']}", OWNER)[0] == 200
    assert lines.statuses(bearer) == {401}


def test_a_removed_person_and_their_token_end_in_both_workers(lines):
    _, invited = lines.change("POST", "/accounts", OWNER, {"name": "Ada", "role": "viewer"})
    secret = {"secret": invited["invite"], "password": PASSWORD}
    assert lines.change("POST", "/invite", {}, secret)[0] == 200
    ada = basic("Ada", PASSWORD)
    _, made = lines.change("POST", "/tokens", OWNER, {"name": "other", "scopes": ["read"]})
    assert lines.statuses(ada) == {200}  # every worker remembers the password now
    _, people = lines.change("GET", "/accounts", OWNER)
    number = next(row["id"] for row in people["accounts"] if row["name"] == "Ada")
    assert lines.change("DELETE", f"/accounts/{number}", OWNER)[0] == 200
    assert lines.statuses(ada) == {401}
    assert lines.statuses({"Authorization": f"Bearer {made['secret']}"}) == {200}


def test_a_page_shows_in_both_workers_what_one_was_told(lines):
    page = "/dashboard/events?app=desktop"
    assert all("Coffee break" not in text for _, text in lines.answers(page, OWNER))
    named = {"long_names": {"events": {"app_opened": "Coffee break"}}}
    assert lines.change("PATCH", "/apps/desktop", OWNER, named)[0] == 200
    assert all("Coffee break" in text for _, text in lines.answers(page, OWNER))

"""A revocation holds at once in every worker of a real server, whichever a client is connected to."""

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
    """One kept-alive connection, and so one worker."""

    def __init__(self, server: Server) -> None:
        self._connection = HTTPConnection("127.0.0.1", server.port, timeout=30)

    def ask(self, method: str, path: str, headers: dict[str, str], body: Any = None) -> Any:
        sent = None if body is None else json.dumps(body)
        self._connection.request(method, path, sent, headers | {"Content-Type": "application/json"})
        answer = self._connection.getresponse()
        return answer.status, json.loads(answer.read() or b"null")

    def close(self) -> None:
        self._connection.close()


@pytest.fixture
def lines(lasting_server: Server) -> Iterator[list[Line]]:
    opened: list[Line] = []
    while len(opened) < CONNECTIONS or holding(lasting_server) < 2:
        assert len(opened) < MOST_CONNECTIONS, "both workers take connections"
        opened.append(Line(lasting_server))
        assert opened[-1].ask("GET", "/health", {})[0] == 200
    yield opened
    for line in opened:
        line.close()


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


def statuses(lines: list[Line], headers: dict[str, str]) -> set[int]:
    return {line.ask("GET", "/apps", headers)[0] for line in lines}


def test_a_revoked_token_ends_in_both_workers(lines):
    asked = {"name": "build", "scopes": ["read"]}
    _, made = lines[0].ask("POST", "/tokens", OWNER, asked)
    bearer = {"Authorization": f"Bearer {made['secret']}"}
    assert statuses(lines, bearer) == {200}
    assert lines[0].ask("DELETE", f"/tokens/{made['token']['id']}", OWNER)[0] == 200
    assert statuses(lines, bearer) == {401}


def test_a_removed_person_and_their_token_end_in_both_workers(lines):
    _, invited = lines[0].ask("POST", "/accounts", OWNER, {"name": "Ada", "role": "viewer"})
    secret = {"secret": invited["invite"], "password": PASSWORD}
    assert lines[1].ask("POST", "/invite", {}, secret)[0] == 200
    ada = basic("Ada", PASSWORD)
    _, made = lines[0].ask("POST", "/tokens", OWNER, {"name": "other", "scopes": ["read"]})
    assert statuses(lines, ada) == {200}  # every worker remembers the password now
    _, people = lines[0].ask("GET", "/accounts", OWNER)
    number = next(row["id"] for row in people["accounts"] if row["name"] == "Ada")
    assert lines[2].ask("DELETE", f"/accounts/{number}", OWNER)[0] == 200
    assert statuses(lines, ada) == {401}
    assert statuses(lines, {"Authorization": f"Bearer {made['secret']}"}) == {200}

"""A database that is healthy, gone, back, or silent: what a running server answers meanwhile."""

from __future__ import annotations

import json
import os
import signal
import tempfile
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from database import Database, Inline
from stories.operation import local_postgres
from tests.support import basic, event, memory
from tools.server import Server

AUTH = basic("admin", "admin")
FAST = {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off"}
SOON = 5.0  # seconds for what takes one or two on an idle machine


class OwnPostgres:
    """A server that a test may stop, start and freeze."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.start()

    def start(self) -> None:
        self.server = local_postgres.start(self.folder, settings=FAST)
        self.dsn = self.server.dsn

    def stop(self) -> None:
        self.server.stop()

    def signal(self, which: signal.Signals) -> None:
        """To the postmaster and every process of it, the postmaster first."""
        postmaster = int((self.folder / "postgres" / "postmaster.pid").read_text().split("\n")[0])
        os.kill(postmaster, which)
        for path in Path("/proc").glob("[0-9]*/stat"):
            try:
                fields = path.read_text().rpartition(")")[2].split()
                if int(fields[1]) == postmaster:
                    os.kill(int(path.parent.name), which)
            except (FileNotFoundError, ProcessLookupError):
                continue


@pytest.fixture(scope="module")
def postgres_of_its_own() -> Iterator[OwnPostgres]:
    with tempfile.TemporaryDirectory(prefix="stories-test-", dir=memory()) as name:
        folder = Path(name)
        folder.chmod(0o711)
        found = OwnPostgres(folder)
        yield found
        found.stop()


@pytest.fixture(scope="module")
def server(postgres_of_its_own: OwnPostgres) -> Iterator[Server]:
    """One server for the whole file: that it goes on without a restart is what is tested."""
    found = Server(postgres_of_its_own.dsn).wait()
    yield found
    found.stop()


def ask(server: Server, path: str, body: Any = None, seconds: float = SOON) -> tuple[int, Any, Any]:
    """(status, headers, JSON); fails when there is no answer in time."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(server.url + path, data, headers=AUTH)
    try:
        with urllib.request.urlopen(request, timeout=seconds) as answer:
            return answer.status, answer.headers, json.load(answer)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.headers, json.load(error)


def health(server: Server, wanted: int) -> Any:
    """What /health says once its status is the one wanted: an answer is kept for a second."""
    until = time.monotonic() + SOON
    while True:
        status, _, body = ask(server, "/health")
        if status == wanted or time.monotonic() > until:
            assert status == wanted, body
            return body
        time.sleep(0.1)


def check_down(server: Server, seconds: float = SOON) -> None:
    body = health(server, 503)
    assert (body["status"], body["database"]) == ("unhealthy", "disconnected")
    for path, sent in (("/track", {"events": [event()]}), ("/events", None), ("/stats", None)):
        status, headers, body = ask(server, path, sent, seconds)
        assert status == 503, path
        assert int(headers["Retry-After"]) > 0
        assert body["code"] == "database_unavailable"


def check_up(server: Server) -> None:
    """The first question is answered: nothing has to warm up."""
    status, _, body = ask(server, "/track", {"events": [event()]})
    assert (status, body.get("events_stored")) == (200, 1), body
    assert health(server, 200)["status"] == "healthy"
    assert ask(server, "/events")[0] == 200


def test_a_running_server_says_so_when_the_database_stops_and_goes_on_when_it_is_back(
    server, postgres_of_its_own
):
    check_up(server)
    for _ in range(2):
        postgres_of_its_own.stop()
        check_down(server)
        postgres_of_its_own.start()
        check_up(server)
    assert server.process.poll() is None


def test_a_server_that_says_nothing_more_is_as_good_as_gone(server, postgres_of_its_own):
    check_up(server)
    postgres_of_its_own.signal(signal.SIGSTOP)
    try:
        assert health(server, 503)["status"] == "unhealthy"
        # An append may rightly take a while, so only its own limit ends it.
        status, headers, _ = ask(server, "/track", {"events": [event()]}, seconds=25)
        assert status == 503
        assert int(headers["Retry-After"]) > 0
    finally:
        postgres_of_its_own.signal(signal.SIGCONT)
    check_up(server)


def test_connections_that_the_database_ends_cost_nobody_an_answer(server, postgres_of_its_own):
    check_up(server)
    admin = Database(postgres_of_its_own.dsn, 1)
    with admin.transaction() as tx:
        tx.run(
            Inline(
                "/* test */ select pg_terminate_backend(pid) from pg_stat_activity "
                "where pid <> pg_backend_pid() and backend_type = 'client backend'"
            )
        )
    admin.close()
    time.sleep(0.2)
    for _ in range(4):
        check_up(server)


def test_a_busy_pool_is_not_illness(client, services):
    """Health has a connection of its own."""
    taken, free = threading.Barrier(11), threading.Event()

    def hold():
        with services.database.transaction():
            taken.wait(10)
            free.wait(20)

    holders = [threading.Thread(target=hold) for _ in range(10)]
    for thread in holders:
        thread.start()
    try:
        taken.wait(10)
        assert client.get("/health").json["status"] == "healthy"
        answer = client.get("/events", headers=AUTH)
        assert answer.status_code == 503
        assert "busy" in answer.json["error"]
    finally:
        free.set()
        for thread in holders:
            thread.join(10)
    assert client.get("/events", headers=AUTH).status_code == 200

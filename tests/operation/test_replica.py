"""REPORTS_DATABASE_URL: a standby serves the reports, is watched, and may go and come back."""

from __future__ import annotations

import base64
import json
import os
import re
import signal
import subprocess
import tempfile
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg2
import pytest

from app import create_app
from database import Database, Inline
from stories.operation import backup, doctor, local_postgres, migrate, replica
from stories.operation.local_postgres import LocalPostgres
from stories.storage import partitions
from tests.support import basic, event, memory
from tools.server import Server

FAST = {"fsync": "off", "full_page_writes": "off"}
LOGIN = "Basic " + base64.b64encode(b"admin:admin").decode()


@dataclass
class Pair:
    """A primary and its standby, which can be killed and started again."""

    primary: LocalPostgres
    folder: Path
    standby: LocalPostgres

    def kill(self) -> None:
        pid = int((self.folder / "postgres" / "postmaster.pid").read_text().split("\n")[0])
        os.kill(pid, signal.SIGKILL)

    def start(self) -> None:
        self.standby.leave()
        self.standby = local_postgres.start(self.folder, settings=FAST)


@pytest.fixture(scope="module")
def pair() -> Iterator[Pair]:
    with tempfile.TemporaryDirectory(prefix="stories-test-", dir=memory()) as name:
        Path(name).chmod(0o711)
        primary = local_postgres.start(Path(name, "primary"), settings=FAST)
        database = Database(primary.dsn, 2)
        migrate.migrate(database)
        partitions.ensure_all(database, 365)
        database.close()
        folder = Path(name, "standby")
        folder.mkdir(mode=0o711)
        copy = [
            str(local_postgres.wheel_binaries() / "pg_basebackup"),
            f"--dbname={primary.dsn}",
            f"--pgdata={folder / 'postgres'}",
            "--write-recovery-conf",
            "--checkpoint=fast",
        ]
        subprocess.run(copy, check=True, capture_output=True)
        both = Pair(primary, folder, local_postgres.start(folder, settings=FAST))
        try:
            yield both
        finally:
            both.standby.stop()
            primary.stop()


@pytest.fixture(scope="module")
def server(pair: Pair) -> Iterator[Server]:
    started = Server(pair.primary.dsn, REPORTS_DATABASE_URL=pair.standby.dsn)
    try:
        yield started.wait()
    finally:
        started.stop()


@pytest.fixture
def replay(pair: Pair) -> Iterator[Callable[[str], Any]]:
    """Pauses and resumes the standby's replay; it goes on after the test."""
    yield lambda what: ask(pair.standby.dsn, f"select pg_wal_replay_{what}()")
    ask(pair.standby.dsn, "select pg_wal_replay_resume()")


def ask(dsn: str, query: str) -> Any:
    link = psycopg2.connect(dsn)
    try:
        link.autocommit = True
        with link.cursor() as cursor:
            cursor.execute(query)
            [(value,)] = cursor.fetchall()
            return value
    finally:
        link.close()


def read(server: Server, path: str) -> str:
    request = urllib.request.Request(server.url + path, headers={"Authorization": LOGIN})
    with urllib.request.urlopen(request, timeout=20) as answer:
        text: str = answer.read().decode()
        return text


def get(server: Server, path: str) -> Any:
    return json.loads(read(server, path))


def send(server: Server, n: int = 10, person: str = "") -> int:
    events = [event(user_id=person or str(uuid4())) for _ in range(n)]
    body = json.dumps({"events": events}).encode()
    request = urllib.request.Request(
        f"{server.url}/track", body, {"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request, timeout=20) as answer:
        assert json.load(answer)["events_stored"] == n
    return n


def people(server: Server) -> int:
    found: int = get(server, "/stats?period=7d")["summary"]["active_users_7d"]
    return found


def readers(standby: str) -> int:
    """Connections that the server keeps to it: those of its reports."""
    found: int = ask(
        standby, "select count(*) from pg_stat_activity where application_name = 'stories'"
    )
    return found


def until(condition: Callable[[], object], seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def test_the_standby_serves_reports_while_ingest_runs_and_lacks_nothing_that_was_answered(
    pair: Pair, server: Server
) -> None:
    acknowledged, stop = [people(server)], threading.Event()

    def go_on() -> None:
        while not stop.is_set():
            acknowledged.append(acknowledged[-1] + send(server))
            stop.wait(0.05)

    counts = []

    traffic = threading.Thread(target=go_on)
    traffic.start()
    try:
        for _ in range(10):
            somebody = str(uuid4())
            send(server, 1, somebody)
            assert len(get(server, f"/events?user_id={somebody}")["events"]) == 1
            counts.append(people(server))
    finally:
        stop.set()
        traffic.join()
    assert counts == sorted(counts)
    until(lambda: people(server) == acknowledged[-1] + 10)
    assert len(get(server, "/events?limit=1000")["events"]) >= 10
    assert len(read(server, "/api/export?app=desktop&format=ndjson").splitlines()) >= 10
    assert readers(pair.standby.dsn) > 0


def test_a_lag_is_shown_wherever_somebody_looks(
    pair: Pair, server: Server, replay: Callable[[str], Any], config: Any
) -> None:
    until(lambda: get(server, "/health")["replica_lag_seconds"] == 0)
    replay("pause")
    held = people(server)
    sent = send(server)
    time.sleep(1.2)
    assert people(server) == held  # what the standby has; and the answer came
    assert get(server, "/health")["replica_lag_seconds"] >= 1
    assert get(server, "/dashboard/api/server")["replica"]["lag_seconds"] >= 1
    told = read(server, "/metrics")
    assert "stories_replica_up 1.0" in told
    shown = re.search(r"^stories_replica_lag_seconds (\S+)$", told, re.MULTILINE)
    assert shown
    assert float(shown[1]) >= 1
    both = replace(config, database_url=pair.primary.dsn, reports_database_url=pair.standby.dsn)
    [found] = [each for each in doctor.examine(both) if each.about == "replica"]
    assert re.fullmatch(r"[1-9]\d*\.\d seconds behind", found.found)
    replay("resume")
    until(lambda: get(server, "/health")["replica_lag_seconds"] == 0)
    until(lambda: people(server) == held + sent)


def test_a_standby_that_is_killed_costs_no_answer_and_is_read_from_again_when_it_is_back(
    pair: Pair, server: Server
) -> None:
    held = people(server)
    pair.kill()
    try:
        until(lambda: get(server, "/health")["replica_lag_seconds"] is None)
        for _ in range(4):
            held += send(server)
            assert people(server) <= held  # less where another worker was folding at that moment
        until(lambda: people(server) == held)
        assert "stories_replica_up 0.0" in read(server, "/metrics")
    finally:
        pair.start()
    until(lambda: get(server, "/health")["replica_lag_seconds"] == 0)
    until(lambda: people(server) == held and readers(pair.standby.dsn))


@pytest.fixture
def client(pair: Pair, config: Any) -> Iterator[Any]:
    app = create_app(replace(config, reports_database_url=pair.standby.dsn), pair.primary.dsn)
    yield app.test_client()
    app.extensions["stories"].database.close()
    app.extensions["stories"].replica.close()


def test_a_standby_too_far_behind_is_not_read_from(
    client: Any, replay: Callable[[str], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    def count() -> int:
        answer = client.get("/stats?period=7d", headers=basic("admin", "admin"))
        found: int = answer.get_json()["summary"]["active_users_7d"]
        return found

    held = count()
    replay("pause")
    client.post("/track", json={"events": [event(user_id=str(uuid4()))]})
    assert count() == held
    monkeypatch.setattr(replica, "MAX_BEHIND", 0.0)
    assert count() == held + 1


def test_a_server_that_is_no_standby_is_not_read_from(
    pair: Pair, postgres: str, config: Any
) -> None:
    primary = Database(pair.primary.dsn, 2)
    for dsn in (postgres, pair.primary.dsn):
        reports = replica.ReportsDatabase(dsn, 2, primary)
        assert reports.lag() is None
        with reports.transaction() as tx:
            assert tx.value(Inline("/* test */ select count(*) from schema_migrations")) > 0
        reports.close()
    primary.close()
    both = replace(config, database_url=pair.primary.dsn, reports_database_url=pair.primary.dsn)
    [found] = [each for each in doctor.examine(both) if each.about == "replica"]
    assert found.state == "warn"


def test_a_standby_is_backed_up_and_examined(pair: Pair, config: Any, tmp_path: Path) -> None:
    standby = replace(config, database_url=pair.standby.dsn, data_dir=str(tmp_path / "data"))
    found = {each.about: each for each in doctor.examine(standby)}
    assert "is a standby" in found["database"].found
    assert found["schema"].state == "ok"
    backup.backup(standby, tmp_path / "kept")
    ask_nothing(pair.primary.dsn, "create database restored")
    target = pair.primary.dsn.replace("/stories_analytics?", "/restored?")
    told = backup.restore(replace(standby, database_url=target), tmp_path / "kept")
    assert not any(told["differences"].values())


def ask_nothing(dsn: str, statement: str) -> None:
    link = psycopg2.connect(dsn)
    link.autocommit = True
    with link.cursor() as cursor:
        cursor.execute(statement)
    link.close()

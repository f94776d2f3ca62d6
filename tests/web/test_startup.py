"""Starting gunicorn as users do: what stops it is one sentence and a non-zero exit."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from typing import Any

import psycopg2
import pytest

from stories.config import ROOT
from tests.support import basic, event
from tools.server import Server, free_port


def start(**settings: str) -> subprocess.CompletedProcess[str]:
    """A start that is meant to fail."""
    port = settings.pop("PORT", str(free_port()))
    return subprocess.run(
        [sys.executable, "-m", "gunicorn", "app:app", "--bind", f"127.0.0.1:{port}"],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "PYTHONDONTWRITEBYTECODE": "1", **settings},
        capture_output=True,
        text=True,
        timeout=60,
    )


def check_refused(done: subprocess.CompletedProcess[str], words: str) -> None:
    assert done.returncode != 0
    [line] = done.stderr.strip().splitlines()
    assert line.startswith("error: ")
    assert line.endswith(".")
    assert words in line


def test_a_taken_port_is_one_sentence(dsn):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        check_refused(start(DATABASE_URL=dsn, PORT=str(port)), f"Port {port} is taken")


def test_an_unreachable_database_is_one_sentence_without_its_password():
    done = start(DATABASE_URL=f"postgresql://nobody:hunter2@127.0.0.1:{free_port()}/nothing")
    check_refused(done, "database cannot be reached")
    assert "hunter2" not in done.stderr


def test_a_stop_while_it_waits_for_its_database_is_handled():
    """A container's first process would ignore a signal that it has no handler for."""
    with socket.socket() as silent:  # takes connections and says nothing
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        process = subprocess.Popen(
            [sys.executable, "-m", "gunicorn", "app:app", "--bind", f"127.0.0.1:{free_port()}"],
            cwd=ROOT,
            env={
                "PATH": os.environ["PATH"],
                "DATABASE_URL": f"postgresql://nobody@127.0.0.1:{silent.getsockname()[1]}/nothing",
            },
            start_new_session=True,
        )
        silent.settimeout(30)
        silent.accept()[0].close()
        process.terminate()
        assert process.wait(10) == 128 + signal.SIGTERM


def test_a_wrong_setting_is_one_sentence(dsn):
    check_refused(
        start(DATABASE_URL=dsn, WEB_CONNECTIONS="many"), "WEB_CONNECTIONS must be a whole number"
    )


def test_default_credentials_in_production_are_one_sentence(dsn):
    check_refused(start(DATABASE_URL=dsn, FLASK_ENV="production"), "DASHBOARD_PASSWORD")


def test_a_database_of_a_newer_release_is_one_sentence(fresh_dsn):
    connection = psycopg2.connect(fresh_dsn)
    with connection, connection.cursor() as cursor:
        cursor.execute("insert into schema_migrations (name) values ('999_later')")
    connection.close()
    check_refused(start(DATABASE_URL=fresh_dsn), "newer release (999_later)")


@pytest.fixture
def running(serve) -> Server:
    server: Server = serve()
    return server


def get(url: str, **headers: str) -> Any:
    with urllib.request.urlopen(urllib.request.Request(url, headers=headers), timeout=10) as answer:
        return json.load(answer)


def test_the_line_that_users_have_serves_with_its_workers(running):
    found = get(f"{running.url}/health")
    assert found["status"] == "healthy"
    children = subprocess.run(
        ["ps", "-o", "nlwp=", "--ppid", str(running.process.pid)], capture_output=True, text=True
    )
    threads = [int(line) for line in children.stdout.split()]
    assert len(threads) == 2


def test_what_is_stored_is_there_after_a_new_start(serve):
    first = serve()
    body = json.dumps({"events": [event()]}).encode()
    urllib.request.urlopen(f"{first.url}/track", body, timeout=10).close()
    first.stop()
    assert first.process.returncode == 0
    second = serve()
    assert len(get(f"{second.url}/events", **basic("admin", "admin"))["events"]) == 1


def test_ctrl_c_ends_it_and_frees_the_port(running):
    began = time.monotonic()
    running.stop(signal.SIGINT)
    assert time.monotonic() - began < 20
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind(("127.0.0.1", running.port))


def test_two_servers_may_start_at_once_on_an_empty_database(postgres):
    name = f"test_two_servers_{os.getpid()}"
    admin = psycopg2.connect(postgres)
    admin.autocommit = True
    with admin.cursor() as cursor:
        cursor.execute(f"create database {name}")
    url = postgres.replace("/stories_analytics?", f"/{name}?")
    servers = [Server(url), Server(url)]
    try:
        for server in servers:
            server.wait()
    finally:
        for server in servers:
            server.stop()
        with admin.cursor() as cursor:
            cursor.execute(f"drop database {name} with (force)")
        admin.close()


def test_a_local_database_starts_with_the_server_and_stops_with_it(tmp_path_factory):
    folder = tmp_path_factory.mktemp("data dir")
    for parent in (folder, folder.parent, folder.parent.parent):
        parent.chmod(parent.stat().st_mode | 0o011)  # root's server runs as somebody else
    server = Server("", DATA_DIR=str(folder)).wait(60)
    try:
        assert get(f"{server.url}/health")["database"] == "connected"
        assert (folder / "postgres" / "postmaster.pid").exists()
    finally:
        server.stop(signal.SIGINT)
    assert not (folder / "postgres" / "postmaster.pid").exists()

"""Envelopes of Sentry's SDKs, 12 KB each, until they are fully processed: here folded, and beside it in
Bugsink digested. Both have two gunicorn workers on the same cores and run by turns.

Bugsink comes from its own package into a virtual environment of its own, with its settings for one
server (SQLite) and no limits on how much may come.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

from tools.benchmarks.clients import Clients, post
from tools.benchmarks.place import Place, query
from tools.benchmarks.server import OURS, serving

BUGSINK = "bugsink==2.6.2"
CONNECTIONS = 8  # as many as its two workers can use
OURS_EACH, BUGSINK_EACH, TURNS = 2_000, 300, 3
FAULTS = 60  # fewer than an app gets new groups in an hour
BREADCRUMBS, FRAMES = 30, 20
CATCH_UP_SECONDS = 300.0
KEY = "select app_id, ingest_key from apps where slug = 'desktop'"
NO_LIMITS = """
BUGSINK.update({f"MAX_EVENTS_{of}{span}": 10**9 for of in ("", "PER_PROJECT_")
                for span in ("PER_5_MINUTES", "PER_HOUR", "PER_MONTH")})
"""
PROJECT = """
from projects.models import Project
from teams.models import Team
team = Team.objects.create(name="bench")
project = Project.objects.create(name="bench", team=team, retention_max_event_count=10**6)
print("made", project.sentry_key.hex, project.id)
"""


def measure_envelopes(place: Place, share: float = 1.0) -> dict[str, Any]:
    """Envelopes a second, of each turn. share: of the usual number, to try it."""
    ours, others = int(OURS_EACH * share), int(BUGSINK_EACH * share)
    rates: dict[str, list[float]] = {"ours": [], "bugsink": []}
    dsn = place.create("bench_envelopes")
    try:
        with _bugsink(place.folder / "bugsink") as bugsink:
            for _ in range(TURNS):
                with serving(OURS, dsn, LOG_LEVEL="error") as server:
                    before = _stored(dsn)
                    app_id, key = query(dsn, KEY)[0]
                    path = f"/api/{app_id}/envelope/?sentry_key={key}"
                    rates["ours"].append(
                        _rate(server.port, path, ours, lambda n=before: _is_folded(dsn, n + ours))
                    )
                rates["bugsink"].append(bugsink.rate(others))
    finally:
        place.drop("bench_envelopes")
    return {**rates, "bytes": len(_envelope(0)), "n": ours, "bugsink_n": others}


def _rate(port: int, path: str, n: int, is_done: Any) -> float:
    requests = [post(path, _envelope(number)) for number in range(n)]
    began = time.perf_counter()
    result = Clients(port, requests, CONNECTIONS).run()
    if result.bad:
        raise RuntimeError(f"envelopes were answered {result.bad}")
    deadline = time.monotonic() + CATCH_UP_SECONDS
    while not is_done():
        if time.monotonic() > deadline:
            raise RuntimeError("not all envelopes were processed")
        time.sleep(0.02)
    return n / (time.perf_counter() - began)


def _stored(dsn: str) -> int:
    return int(query(dsn, "select count(*) from crashes")[0][0])


def _is_folded(dsn: str, n: int) -> bool:
    waits = query(dsn, "select exists (select from outbox)")[0][0]
    return not waits and _stored(dsn) >= n


class Bugsink:
    def __init__(self, folder: Path, port: int, key: str, project: int) -> None:
        self._folder = folder
        self._port = port
        self._path = f"/api/{project}/envelope/?sentry_key={key}"

    def rate(self, n: int) -> float:
        before = self._digested()
        return _rate(self._port, self._path, n, lambda: self._digested() >= before + n)

    def _digested(self) -> int:
        with sqlite3.connect(self._folder / "data" / "db.sqlite3", timeout=10) as connection:
            return int(connection.execute("select count(*) from events_event").fetchone()[0])


@contextmanager
def _bugsink(folder: Path) -> Iterator[Bugsink]:
    """Installed, with an empty database, served, its worker running."""
    programs = folder / "venv" / "bin"
    if not (programs / "bugsink-manage").exists():
        subprocess.run([sys.executable, "-m", "venv", folder / "venv"], check=True)
        subprocess.run([programs / "python", "-m", "pip", "-q", "install", BUGSINK], check=True)
    for old in ("bugsink_conf.py", "data"):
        subprocess.run(["rm", "-rf", folder / old], check=True)
    (folder / "data").mkdir(parents=True)
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "bugsink_conf"}

    def run(program: str, *arguments: str) -> str:
        command = [str(programs / program), *arguments]
        done = subprocess.run(
            command, cwd=folder, env=environment, check=True, capture_output=True, text=True
        )
        return done.stdout

    def start(program: str, *arguments: str) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [str(programs / program), *arguments],
            cwd=folder,
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    run("bugsink-create-conf", "--template=singleserver", "--host=localhost",
        f"--base-dir={folder / 'data'}")  # fmt: skip
    with (folder / "bugsink_conf.py").open("a") as settings:
        settings.write(NO_LIMITS)
    run("bugsink-manage", "migrate")
    run("bugsink-manage", "migrate", "--database=snappea")
    made = next(line for line in run("bugsink-manage", "shell", "-c", PROJECT).splitlines()
                if line.startswith("made "))  # fmt: skip
    _, key, project = made.split()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    processes = [
        start(
            "gunicorn", "bugsink.wsgi", "--workers=2", f"--bind=127.0.0.1:{port}", "--timeout=60"
        ),
        start("bugsink-runsnappea"),
    ]
    try:
        _wait_for(port)
        yield Bugsink(folder, port, key, int(project))
    finally:
        for process in processes:
            os.killpg(process.pid, signal.SIGTERM)
            process.wait(30)


def _wait_for(port: int) -> None:
    deadline = time.monotonic() + 60
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            if time.monotonic() > deadline:
                raise RuntimeError("Bugsink does not answer") from None
            time.sleep(0.2)


def _envelope(number: int) -> bytes:
    """As sentry-sdk sends an error of a web application, 12 KB."""
    event_id, now = uuid4().hex, datetime.now(UTC)
    fault = f"fault_{number % FAULTS}"
    frames = [
        {
            "filename": f"shop/module_{n}.py",
            "abs_path": f"/srv/shop/shop/module_{n}.py",
            "function": f"{fault}_step_{n}",
            "module": f"shop.module_{n}",
            "lineno": 20 + n,
            "pre_context": ["    order = load(number)", "    if order is None:"],
            "context_line": f"        raise KeyError({n})",
            "post_context": ["", "def following():"],
            "in_app": n % 2 == 0,
        }
        for n in range(FRAMES)
    ]
    event = {
        "event_id": event_id,
        "timestamp": now.isoformat(),
        "platform": "python",
        "level": "error",
        "release": "shop@1.4.2",
        "environment": "production",
        "transaction": "checkout",
        "server_name": "web-1",
        "user": {"id": str(number % 5_000)},
        "contexts": {
            "os": {"name": "Linux", "version": "6.1"},
            "runtime": {"name": "CPython", "version": "3.11.7"},
        },
        "tags": {"plan": "pro", "region": "eu"},
        "breadcrumbs": {
            "values": [
                {
                    "timestamp": (now - timedelta(seconds=BREADCRUMBS - n)).isoformat(),
                    "type": "http",
                    "category": "httplib",
                    "data": {"method": "GET", "url": f"/api/items/{n}", "status_code": 200},
                }
                for n in range(BREADCRUMBS)
            ]
        },
        "exception": {
            "values": [
                {
                    "type": "KeyError",
                    "value": f"{fault} has no such item",
                    "mechanism": {"type": "flask", "handled": False},
                    "stacktrace": {"frames": frames},
                }
            ]
        },
        "sdk": {"name": "sentry.python.flask", "version": "2.75.0"},
    }
    payload = json.dumps(event).encode()
    head = json.dumps({"event_id": event_id, "sent_at": now.isoformat()}).encode()
    item = json.dumps({"type": "event", "length": len(payload)}).encode()
    return b"\n".join((head, item, payload))

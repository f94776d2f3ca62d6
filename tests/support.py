"""What tests call by name: good payloads of now, logins, a real server."""

from __future__ import annotations

import base64
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from database import Inline

ROOT = Path(__file__).resolve().parent.parent
PERSON = "550e8400-e29b-41d4-a716-446655440000"


def require(tool: str) -> str:
    """The path of a program; without it the test is skipped, and fails under CI."""
    found = shutil.which(tool)
    if found is None:
        if os.environ.get("CI") == "true":
            pytest.fail(f"{tool} is needed under CI")
        pytest.skip(f"{tool} is not installed")
    return found


def postgresql_15() -> Path:
    """The folder of the oldest supported server's programs; skips, or fails under CI, without it."""
    binaries = Path("/usr/lib/postgresql/15/bin")
    if not (binaries / "postgres").exists():
        if os.environ.get("CI") == "true":
            pytest.fail("PostgreSQL 15 is needed under CI")
        pytest.skip("PostgreSQL 15 is not installed")
    return binaries


def basic(name: str, password: str) -> dict[str, str]:
    token = base64.b64encode(f"{name}:{password}".encode()).decode()
    return {"Authorization": f"Basic {token}"}


def event(**changes: Any) -> dict[str, Any]:
    """A good event of now."""
    return {
        "user_id": PERSON,
        "event": "app_opened",
        "timestamp": datetime.now(UTC).isoformat(),
        "app_version": "0.9.51",
        "platform": "darwin-24.6.0",
        "country": "US",
        **changes,
    }


def crash(**changes: Any) -> dict[str, Any]:
    """A good crash of now."""
    return {
        "user_id": PERSON,
        "app_version": "0.9.51",
        "os_version": "darwin-24.6.0",
        "crash_type": "uncaught_error",
        "error_message": "TypeError: Cannot read property",
        "stack_trace": "at app.js:123:45",
        "timestamp": datetime.now(UTC).isoformat(),
        **changes,
    }


class Server:
    """A real gunicorn, started with the users' command line."""

    def __init__(self, dsn: str, **settings: str) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        environment = {
            "PATH": os.environ["PATH"],
            "DATABASE_URL": dsn,
            "RATELIMIT_ENABLED": "false",
            "PYTHONDONTWRITEBYTECODE": "1",
            **settings,
        }
        command = [
            sys.executable,
            "-m",
            "gunicorn",
            "app:app",
            "--bind",
            f"127.0.0.1:{self.port}",
            "--workers",
            "2",
            "--timeout",
            "60",
        ]
        self.process = subprocess.Popen(
            command,
            cwd=ROOT,
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def wait(self, seconds: float = 30) -> Server:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                assert self.process.stderr is not None
                raise AssertionError(f"the server ended: {self.process.stderr.read()}")
            try:
                with urllib.request.urlopen(f"{self.url}/health", timeout=2):
                    return self
            except OSError:
                time.sleep(0.1)
        raise AssertionError("the server did not come up")

    def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        if self.process.poll() is None:
            self.process.send_signal(how)
            try:
                self.process.wait(25)
            except subprocess.TimeoutExpired:
                os.killpg(self.process.pid, signal.SIGKILL)
                self.process.wait(5)
        if self.process.stderr is not None:
            self.process.stderr.close()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def whole_database(database: Any) -> dict[str, list[dict[str, Any]]]:
    """Every row of every table, partitions with their parents: what is not in here is not stored."""
    with database.transaction(seconds=30, read_only=True) as tx:
        tables = tx.rows(
            Inline(
                "/* test */ select relname::text as name from pg_class "
                "where relnamespace = 'public'::regnamespace and relkind in ('r', 'p') "
                "and not relispartition"
            )
        )
        return {
            row["name"]: tx.rows(
                Inline(f'/* test */ select * from public."{row["name"]}" order by 1, 2')
            )
            if row["name"] not in ("server_secrets", "fold_state", "jobs")
            else []
            for row in tables
        }

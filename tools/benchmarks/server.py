"""A server under gunicorn, as a process of its own: how long it starts, what memory it takes."""

from __future__ import annotations

import base64
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from pathlib import Path

from tools.benchmarks.load import KEEP_DAYS
from tools.benchmarks.place import ROOT

LOGIN = ("bench", "bench-password")
OURS = "benchmarks.wsgi:app"
BASELINE = "benchmarks.baseline:app"
WORKERS = 2


@dataclass
class Server:
    port: int
    process: subprocess.Popen[bytes]
    seconds_to_healthy: float

    def memory(self) -> dict[str, float]:
        """Megabytes of all processes of the app. pss shares out what they have in common; rss
        counts it once for each."""
        found = {"pss": 0.0, "rss": 0.0}
        for pid in [self.process.pid, *children(self.process.pid)]:
            for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
                name, _, rest = line.partition(":")
                if name.lower() in found:
                    found[name.lower()] += int(rest.split()[0]) / 1024
        return found


def children(pid: int) -> list[int]:
    """Processes whose parent it is."""
    found = []
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = status.read_text().rpartition(")")[2].split()
        except OSError:
            continue  # gone meanwhile
        if int(fields[1]) == pid:
            found.append(int(status.parent.name))
    return found


@contextmanager
def serving(application: str, **environ: str) -> Iterator[Server]:
    """gunicorn with two workers. environ: settings, DATABASE_URL
    or DATA_DIR among them."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command, folder = [sys.executable, "-m", "gunicorn", application], ROOT
    if application == BASELINE:
        # From another folder: in ours gunicorn would find the app's configuration.
        folder = ROOT / "tools" / "benchmarks"
        environ["PYTHONPATH"] = str(ROOT)
        command += ["--bind", f"127.0.0.1:{port}", "--worker-class", "gthread", "--workers",
                    str(WORKERS), "--threads", "16", "--keep-alive", "20", "--log-level",
                    "warning"]  # fmt: skip
    settings = {
        "PORT": str(port),
        "WEB_CONCURRENCY": str(WORKERS),
        "RETENTION_DAYS": str(KEEP_DAYS),
        "RATELIMIT_ENABLED": "false",
        "DASHBOARD_USERNAME": LOGIN[0],
        "DASHBOARD_PASSWORD": LOGIN[1],
        "LOG_LEVEL": "warning",
    }
    began = time.perf_counter()
    process = subprocess.Popen(
        command, cwd=folder, env={**os.environ, **settings, **environ}, stdout=subprocess.DEVNULL
    )
    try:
        _wait_until_healthy(port, process)
        yield Server(port, process, time.perf_counter() - began)
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait_until_healthy(port: int, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 90
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError(f"the server ended with {process.returncode}")
        connection = HTTPConnection("127.0.0.1", port, timeout=5)
        try:
            connection.request("GET", "/health")
            if connection.getresponse().status == 200:
                return
        except (OSError, HTTPException):
            pass
        finally:
            connection.close()
        time.sleep(0.02)
    raise RuntimeError("the server did not become healthy")


def authorization() -> dict[str, str]:
    token = base64.b64encode(":".join(LOGIN).encode()).decode()
    return {"Authorization": f"Basic {token}"}

"""python -m tools.demo: a server on a database of its own under .data/demo, filled on its first start.

PORT and DATA_DIR are taken from the environment as `make run` takes them; DATABASE_URL is not:
made-up people never get into a real database.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from stories.config import ROOT, load
from tools.demo.fill import fill
from tools.traffic import basic

LOGIN = "admin:admin"
START_SECONDS = 90
FOLD_SECONDS = 180


def main() -> int:
    folder = Path(os.environ.get("DATA_DIR") or ROOT / ".data") / "demo"
    settings = {
        **os.environ,
        "DATA_DIR": str(folder),
        "DATABASE_URL": "",
        "FLASK_ENV": "development",
        "DASHBOARD_USERNAME": "admin",
        "DASHBOARD_PASSWORD": "admin",
        "HOST": "127.0.0.1",
        "RATELIMIT_ENABLED": "false",
    }
    url = f"http://localhost:{load(settings).port}"
    server = subprocess.Popen([sys.executable, "-m", "gunicorn", "app:app"], cwd=ROOT, env=settings)
    # Without this a SIGTERM would end us and leave the server behind.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    try:
        if not _came_up(url, server):
            return server.wait() or 1
        if not _ask(url, "/dashboard/api/state?app=desktop")["has_data"]:
            print(
                "Filling the demo with 90 days of all four kinds. It takes a minute, once.",
                flush=True,
            )
            print(fill(url, LOGIN, datetime.now(UTC)).line(), flush=True)
        _wait_for_fold(url)
        print(f"\nThe demo is at {url}/dashboard (admin / admin). Ctrl-C stops it.", flush=True)
        return server.wait()
    except KeyboardInterrupt:
        return server.wait()
    finally:
        if server.poll() is None:
            server.terminate()
            server.wait()


def _came_up(url: str, server: subprocess.Popen[bytes]) -> bool:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and server.poll() is None:
        try:
            _ask(url, "/health")
            return True
        except OSError:
            time.sleep(0.2)
    return False


def _wait_for_fold(url: str) -> None:
    deadline = time.monotonic() + FOLD_SECONDS
    while time.monotonic() < deadline and _ask(url, "/dashboard/api/server")["fold"]["waiting"]:
        time.sleep(0.5)


def _ask(url: str, path: str) -> dict[str, Any]:
    question = urllib.request.Request(url + path, headers=basic(LOGIN))
    with urllib.request.urlopen(question, timeout=30) as response:
        found: dict[str, Any] = json.load(response)
        return found


if __name__ == "__main__":
    sys.exit(main())

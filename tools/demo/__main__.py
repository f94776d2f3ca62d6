"""python -m tools.demo: a server on a database of its own under .data/demo, filled on its first start.

PORT and DATA_DIR are taken from the environment as `make run` takes them; DATABASE_URL is not:
made-up people never get into a real database.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import urllib.request
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from stories.config import ROOT, load
from tools.demo.fill import fill
from tools.demo.issues import Makers
from tools.server import Server
from tools.traffic import basic

LOGIN = "admin:admin"
START_SECONDS = 90


def main() -> int:
    folder = Path(os.environ.get("DATA_DIR") or ROOT / ".data") / "demo"
    folder.mkdir(parents=True, exist_ok=True)
    log = folder / "server.log"
    port = load(dict(os.environ)).port
    url = f"http://localhost:{port}"
    # Without this a SIGTERM would end us and leave the server behind.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    print(f"Starting the demo; its server writes to {log}.", flush=True)
    log.unlink(missing_ok=True)
    settings: dict[str, Any] = {
        "DATA_DIR": str(folder),
        "FLASK_ENV": "development",
        "TRUSTED_PROXIES": "1",  # visits of the made-up website come from many addresses
        "DASHBOARD_USERNAME": "admin",
        "DASHBOARD_PASSWORD": "admin",
    }
    try:
        with Server("", port=port, log=log, **settings) as server:
            server.wait(START_SECONDS)
            if not ask(url, "/dashboard/api/state?app=desktop")["has_data"]:
                print(
                    "Filling it with 90 days of all four kinds of app: a minute, once.", flush=True
                )
                fill(url, LOGIN, datetime.now(UTC))
                makers = Makers(url, LOGIN)
                makers.wait_for_fold()
                makers.work()
            print(f"The demo is at {url}/dashboard (admin / admin). Ctrl-C stops it.", flush=True)
            return server.process.wait()
    except KeyboardInterrupt:
        return 0
    except AssertionError:  # the server did not come up, and has said why
        print(log.read_text(errors="replace")[-800:].strip(), file=sys.stderr)
        return 1


def ask(url: str, path: str) -> dict[str, Any]:
    """A JSON answer of the demo."""
    request = urllib.request.Request(url + path, headers=basic(LOGIN))
    with urllib.request.urlopen(request, timeout=30) as response:
        answer: dict[str, Any] = json.load(response)
        return answer


if __name__ == "__main__":
    sys.exit(main())

"""The servers that are measured: the app, and what is compared with it."""

from __future__ import annotations

from typing import Any

from stories.config import ROOT
from tools.benchmarks.load import KEEP_DAYS
from tools.server import WORKERS, Server
from tools.traffic import basic

LOGIN = basic("bench:bench-password")
OURS = "tools.benchmarks.wsgi:app"
BASELINE = "tools.benchmarks.baseline:app"
EMPTY = "tools.benchmarks.empty:app"


def serving(application: str, dsn: str, **settings: Any) -> Server:
    """OURS, EMPTY or BASELINE, healthy; stops at the end of its context."""
    settings = {
        "WEB_CONCURRENCY": str(WORKERS),
        "RETENTION_DAYS": str(KEEP_DAYS),
        "DASHBOARD_USERNAME": "bench",
        "DASHBOARD_PASSWORD": "bench-password",
        "LOG_LEVEL": "warning",
        **settings,
    }
    if application != BASELINE:
        return Server(dsn, application=application, **settings).wait(90)
    # From another folder: in ours gunicorn would find the app's configuration.
    options = ["--worker-class", "gthread", "--threads", "16", "--keep-alive", "20"]
    options += ["--log-level", "warning"]
    settings["PYTHONPATH"] = str(ROOT)
    return Server(
        dsn, application=BASELINE, options=options, root=ROOT / "tools" / "benchmarks", **settings
    ).wait(90)

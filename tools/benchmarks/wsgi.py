"""The app as gunicorn serves it, with the clock of the moment the data was loaded (BENCH_NOW), so
that "the last 7 days" of a database loaded last week are not empty."""

from __future__ import annotations

import os
from datetime import datetime

from app import app

__all__ = ["app"]

if moment := os.environ.get("BENCH_NOW"):
    app.config["NOW"] = lambda: datetime.fromisoformat(moment)

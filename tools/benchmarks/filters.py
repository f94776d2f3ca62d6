"""What a filter costs: every report under one condition or a segment, which the rollups answer, and
whole pages of the dashboard without a filter and under two conditions that only the events answer."""

from __future__ import annotations

import time
from dataclasses import asdict
from datetime import date, datetime, timedelta
from typing import Any

from database import Database
from stories.apps import Apps
from stories.privacy.person_keys import PersonKey
from stories.rollups import segments
from tools.benchmarks.load import KEEP_DAYS
from tools.benchmarks.place import query
from tools.benchmarks.reports import FAMILIES, PAGES, Asker, page
from tools.benchmarks.server import OURS, serving

SEGMENT = {"name": "Bench", "filter": ["version:gte:1.0", "country:in:US,DE"]}
ONE = ("version:is:1.2.0", "platform:is:darwin-24.6.0", "platform_family:is:macOS", "country:is:US")
FREE = "filter=prop.none:not:x&filter=country:in:US,DE"
ALL_FAMILIES = ",".join(FAMILIES)
MONTH = 30
FREE_EVENTS = 200_000
SECONDS = 8.0  # for one call's repeats


def ask_filtered(dsn: str, now: str) -> dict[str, Any]:
    """{"segment": {days, events, seconds} of filling it, "one": calls, "pages": calls, "free": calls},
    calls as tools/benchmarks/reports.py has them, those of `free` with `events`: how many there are in
    the days asked for."""
    today = datetime.fromisoformat(now).date()
    with serving(OURS, dsn, BENCH_NOW=now, RUN_JOBS="false") as server:
        asker = Asker(server, dsn)
        asker.send("/segments?app=desktop", SEGMENT)
        asker.close()  # the server closes a connection that idles
        filled = _fill(dsn)
        asker = Asker(server, dsn)
        [segment] = asker.json("/segments?app=desktop")["segments"]
        assert segment["ready"]
        filters = [*(f"filter={each}" for each in ONE), f"segment={segment['id']}"]
        one = [
            asdict(asker.measure(path, path.replace(f"={segment['id']}", "=ID"), seconds=SECONDS))
            for filter in filters
            for path in _paths(filter)
        ]
        pages = [
            asdict(asker.measure(page(asked, "period=30d"), f"{name}, 30 days", seconds=SECONDS))
            for name, asked in PAGES.items()
        ]
        free = []
        for days in sorted({MONTH, _days_of(dsn, today)}):
            span = f"from={today - timedelta(days=days - 1)}&to={today}"
            for name, asked in PAGES.items():
                path = page(asked, f"{span}&{FREE}")
                call = asdict(asker.measure(path, f"{name}, {days} days", seconds=SECONDS))
                free.append({**call, "events": _events(dsn, today, days)})
        asker.close()
    return {"segment": filled, "one": one, "pages": pages, "free": free}


def _paths(filter: str) -> list[str]:
    """Each family, and all of them at once, over a month and over everything."""
    sections = ["/stats?", *(f"/stats/{family}?" for family in FAMILIES)]
    sections.append(f"/stats?include={ALL_FAMILIES}&")
    return [f"{path}period={period}&{filter}" for path in sections for period in ("30d", "all")]


def _fill(dsn: str) -> dict[str, Any]:
    """Count the segment's days, as the job does that the servers would run."""
    database = Database(dsn, 2)
    began = time.perf_counter()
    try:
        counts = segments.fill(database, Apps(database, KEEP_DAYS), PersonKey(database, ""))
    finally:
        database.close()
    return {**counts, "seconds": time.perf_counter() - began}


def _days_of(dsn: str, today: date) -> int:
    """How many of the last days have 200,000 events, all of them where there are fewer."""
    days = 1
    while days < 365 and _events(dsn, today, days) < FREE_EVENTS:
        days += 1
    return days


def _events(dsn: str, today: date, days: int) -> int:
    rows = query(
        dsn,
        "select coalesce(sum(n), 0) from daily_events where dim = 'none' and day between %s and %s",
        (today - timedelta(days=days - 1), today),
    )
    return int(rows[0][0])

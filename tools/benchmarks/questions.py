"""Questions that are answered from the events: funnels, retention, an experiment; beside the time of a
plain scan of the same events, which nothing that looks at each of them can beat."""

from __future__ import annotations

import time
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

import psycopg2

from tools.benchmarks.reports import Asker
from tools.benchmarks.server import OURS, serving
from tools.benchmarks.table import percentile

STEPS = "app_opened,recording_started,recording_completed,transcription_completed"
MONTH, YEAR = 30, 365
SCANS = 5
# For one question's repeats, and how often each is asked at least: each may take seconds.
SECONDS, LEAST = 5.0, 3
_SCAN = """
select count(*), max(event) from events
where timestamp >= %(start)s and app_id = (select app_id from apps where slug = 'desktop')
"""


def ask_questions(dsn: str, now: str) -> dict[str, Any]:
    """{"calls": [{days, path, p50, p95, …}], "scans": {days: milliseconds}} of the database at `dsn`,
    whose newest event is of `now`."""
    today = datetime.fromisoformat(now).date()
    calls = []
    with serving(OURS, dsn, BENCH_NOW=now, RUN_JOBS="false") as server:
        asker = Asker(server, dsn)
        for days in (MONTH, YEAR):
            span = f"from={today - timedelta(days=days - 1)}&to={today}&app=desktop"
            for path, name in _questions(span):
                call = asker.measure(path, name, seconds=SECONDS, least=LEAST)
                calls.append({"days": days, **asdict(call)})
        asker.close()
    return {"calls": calls, "scans": {days: _scan(dsn, now, days) for days in (MONTH, YEAR)}}


def _questions(span: str) -> list[tuple[str, str]]:
    funnel = f"/funnels?steps={STEPS}&{span}"
    retention = f"/retention?interval=month&{span}"
    experiment = "/experiments/recording_started?property=source&goal=transcription_completed"
    return [
        (funnel, "funnel of four steps, within a session"),
        (f"{funnel}&within=7", "within 7 days"),
        (f"{funnel}&within=7&order=any", "in any order"),
        (f"{funnel}&by=version", "by version"),
        (f"{retention}", "retention of any event"),
        (
            f"{retention}&start=app_opened&return=transcription_completed",
            "from one event to another",
        ),
        (f"{experiment}&{span}", "experiment"),
    ]


def _scan(dsn: str, now: str, days: int) -> float:
    """Milliseconds, the median."""
    start = datetime.fromisoformat(now) - timedelta(days=days)
    connection = psycopg2.connect(dsn)
    times = []
    with connection, connection.cursor() as cursor:
        for _ in range(SCANS):
            began = time.perf_counter()
            cursor.execute(_SCAN, {"start": start})
            cursor.fetchall()
            times.append((time.perf_counter() - began) * 1000)
    connection.close()
    return percentile(sorted(times), 0.5)
